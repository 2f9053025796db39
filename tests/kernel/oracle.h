/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The oracle: sends for real what the model judged, and compares.  Everything happens in a network
 * namespace of its own.  Shared by the tests in this folder.
 */
#ifndef CMSGTRACE_TESTS_ORACLE_H
#define CMSGTRACE_TESTS_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "kernel/model.h"
#include "sock/facts.h"

/* A socket that is sent to, with everything but control messages right. */
struct subject {
	const char *name;
	int fd;   /* -1: this machine hasn't got it */
	int peer; /* reads what arrives; -1: none, it is dropped */
	struct sockaddr_storage to;
	socklen_t tolen; /* 0: connected */
	unsigned char payload[96];
	size_t len;
	int flags;
	int base; /* errno of a send without control messages; 0 success */
	const char *missing;
	enum model_pending pending;
	bool stream, passes_fds;
	bool each;    /* what arrives is read after each send */
	int level;    /* its own, where that is not among those that all are swept with; 0: none */
	bool variant; /* of the one before: its parser reads the same levels */
	struct sock *sock; /* its facts, as the tracer would learn them */
};

enum { SUBJECTS_MAX = 64, CONTROL_MAX = 200000 };

extern struct subject subjects[SUBJECTS_MAX];
extern unsigned int nsubjects;

void subjects_open(void);
struct subject *subject_add(const char *name, int fd); /* fd negative: missing, for errno */
/* Connected over loopback, to be sent from; the same value as above. */
struct subject *open_stream(const char *name, int domain, int protocol, const char *to);
void families_begin(void);            /* families.c: before arena_enter() */
void families_open(void);             /* families.c */
void subjects_learn(struct facts *f); /* facts anew; as whoever runs now */

/* Who sends. */
struct identity {
	const char *name;
	int uid;       /* 0 or 65534 */
	uint64_t caps; /* where uid isn't 0 */
};

extern const struct identity identities[];
extern const unsigned int nidentities;

bool identity_take(const struct identity *id);

enum { REASONS = 8 };

/* Counts of one comparison. */
struct count {
	uint64_t sent, agreed, unproven, disagreed, refused; /* refused: agreed on an errno */
	struct reason {                                      /* why the model could not tell */
		const char *why;                             /* static text; NULL: no more */
		uint64_t n;
	} reason[REASONS];
	unsigned int shown;
};

/* Adds n sends that were not proven for why; those beyond REASONS have no reason. */
void count_reason(struct count *c, const char *why, uint64_t n);

/* Sends that the model blames on something, and what came of changing that. */
struct blame {
	uint64_t blamed, at_once, later; /* later: there were several faults */
	uint64_t wrong;
	unsigned int shown;
};

struct bench { /* what one worker sends with */
	const struct identity *id;
	const struct abi *abi;
	struct facts *facts;
	struct event *ev;
	struct msg msg;
	struct model_env env;
	struct ask ask;
	int optmem_max;      /* net.core.optmem_max; 0 not known */
	struct blame *blame; /* not NULL: perturb what is refused */
};

/* Memory that a 32-bit call can reach; it is never freed. */
void *low_memory(size_t size);

void bench_begin(struct bench *b, const struct identity *id, const char *abi);

/* The control block under construction, in memory that a 32-bit call can reach. */
unsigned char *control_block(void);

struct list {
	size_t len;   /* bytes built: msg_controllen unless overridden */
	size_t claim; /* SIZE_MAX: len */
	bool null;    /* msg_control is NULL */
	bool bad;     /* msg_control points nowhere */
};

static inline struct list list_begin(void)
{
	return (struct list){ .claim = SIZE_MAX };
}

/* Adds a message in b's layout; cmsg_len as given, or by the payload where it is UINT64_MAX. */
void list_add(const struct bench *b, struct list *l, int level, int type, const void *payload,
	      size_t len, uint64_t cmsg_len);

/* Sends it and compares; true where model and kernel agree (or the model says unknown). */
bool shoot(struct bench *b, struct subject *s, const struct list *l, struct count *c);
/* The kernel alone: 0 or a positive errno. */
int shoot_blind(struct bench *b, struct subject *s, const struct list *l);
/* It failed with err for what the model only assumes. */
bool assumed_too_much(const struct outcome *o, int err);
/* The model alone. */
const struct outcome *shoot_model(struct bench *b, struct subject *s, const struct list *l);

/* perturb.c: b goes on without capabilities; false: that can't be done. */
bool perturb_begin(struct bench *b);
/* l was refused for what b's last outcome says: changes that, until it can be sent. */
void perturb(struct bench *b, struct subject *s, const struct list *l, struct blame *t);

/* parts.c */
enum aspect { LEVELS, LENGTHS, VALUES, MALFORMED, SEVERAL, RANDOM, ASPECTS };

extern bool sweep_all;       /* ORACLE_LONG: nothing is left out */
extern uint64_t oracle_seed; /* of the random parts */
extern unsigned int rounds;  /* multiplies them */
extern void (*const parts[ASPECTS])(struct bench *b, struct subject *s, struct count *c);

/* Namespace of the test: 0, or why not. */
const char *arena_enter(void);

uint64_t random_next(uint64_t *state);

#endif
