"use strict";
/* Filters, and folded parts that a link or a printer needs open.  Without it the page is complete, too. */
(() => {
	const form = document.getElementById("filter");
	const kinds = ["rule", "process", "socket", "address"];
	const all = (what, within = document) => Array.from(within.querySelectorAll(what));
	const words = (e, kind) => (e.dataset[kind] || "").split(" ").filter(Boolean);
	/* a row has what its socket has */
	const value = (e, kind) => e.dataset[kind] === undefined && e.closest(`[data-${kind}]`)
		? e.closest(`[data-${kind}]`).dataset[kind] : e.dataset[kind] || "";
	const items = all(".finding, .timeline tbody tr:not(.gap), #addresses tbody tr, #summary tbody tr");
	const groups = all("details.lines, section.rule, details.socket");
	const order = new Intl.Collator("en", { numeric: true });
	const inputs = {};
	const said = document.createElement("output");

	const make = (tag, props, ...inner) => {
		const e = Object.assign(document.createElement(tag), props);
		e.append(...inner);
		return e;
	};

	const choices = kind => {
		const found = new Map();
		if (kind === "address") {
			for (const e of items)
				for (const w of words(e, kind))
					found.set(w, w);
		} else {
			for (const e of all(`[data-${kind}]`))
				found.set(e.dataset[kind], kind === "socket" && e.matches("details")
					? `${e.dataset.socket}: ${e.querySelector("code").textContent}`
					: found.get(e.dataset[kind]) || e.dataset[kind]);
		}
		return Array.from(found).sort((a, b) => order.compare(a[0], b[0])).slice(0, 1000);
	};

	const fits = (e, wanted) => kinds.every(kind => {
		if (!wanted[kind])
			return true;
		if (kind === "address")
			return words(e, kind).includes(wanted[kind]);
		if (kind === "rule" && !e.dataset.rule) /* a message: by what was found about it */
			return all("a", e).some(a => a.textContent === wanted.rule);
		return value(e, kind) === wanted[kind];
	});

	const apply = () => {
		const wanted = Object.fromEntries(kinds.map(kind => [kind, inputs[kind].value.trim()]));
		const any = kinds.some(kind => wanted[kind]);
		let findings = 0, messages = 0;
		for (const e of items) {
			/* the table of places knows rules only */
			const fit = e.closest("#summary") ? !wanted.rule || e.dataset.rule === wanted.rule : fits(e, wanted);
			e.hidden = !fit;
			findings += fit && e.matches(".finding");
			messages += fit && Boolean(e.closest(".timeline"));
		}
		for (const e of groups)
			e.hidden = any && !all(".finding, tbody tr:not(.gap)", e).some(i => !i.hidden);
		for (const e of all("tr.gap"))
			e.hidden = any;
		said.textContent = any ? `${findings} findings, ${messages} messages` : "";
	};

	const open = () => {
		const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
		if (!target)
			return;
		for (let e = target; e; e = e.parentElement) {
			e.hidden = false;
			if (e.matches("details"))
				e.open = true;
		}
		target.scrollIntoView();
	};

	for (const kind of kinds) {
		const list = choices(kind);
		const name = kind[0].toUpperCase() + kind.slice(1);
		if (kind === "address") {
			inputs[kind] = make("input", { type: "search", autocomplete: "off" });
			inputs[kind].setAttribute("list", "addresses-known");
			form.append(make("datalist", { id: "addresses-known" }, ...list.map(c => make("option", { value: c[0] }))));
		} else {
			inputs[kind] = make("select", {}, make("option", { value: "" }, "all"),
				...list.map(c => make("option", { value: c[0] }, c[1])));
		}
		inputs[kind].name = kind;
		inputs[kind].addEventListener("input", apply);
		form.append(make("label", {}, name, inputs[kind]));
	}
	form.append(make("button", { type: "reset" }, "Show all"), said);
	said.setAttribute("aria-live", "polite");
	form.addEventListener("reset", () => setTimeout(apply));
	form.addEventListener("submit", e => e.preventDefault());
	form.hidden = items.length === 0;
	addEventListener("hashchange", open);
	open();

	let folded = [];
	addEventListener("beforeprint", () => {
		folded = all("details:not([open], .explain)");
		for (const e of folded)
			e.open = true;
	});
	addEventListener("afterprint", () => {
		for (const e of folded)
			e.open = false;
	});
})();
