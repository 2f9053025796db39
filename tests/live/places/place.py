# SPDX-License-Identifier: LGPL-2.1-or-later
"""For places.py: makes one mistake, on the line that says so; with an argument only when a line came."""
import asyncio
import os
import socket
import struct
import sys
import threading


class Server:
    def __init__(self, sock):
        self.sock = sock

    def reply(self, words):
        for word in words:
            self.sock.sendmsg([word],  # SENDS
                              [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", 0))],  # a comment
                              0, ("127.0.0.1", 9))
            return 1

    def again(self):
        self.sock.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", 0))], 0, ("127.0.0.1", 9))  # AGAIN


def ответ(sock):
    sock.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", 0))], 0, ("127.0.0.1", 9))  # NAMED


def named(name):
    """The same function by another name."""
    return type(ответ)(ответ.__code__.replace(co_name=name, co_qualname=name), globals())


def send(sock):
    """Named as libc's call is."""
    sock.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", 0))], 0, ("127.0.0.1", 9))  # LIKE_LIBC


def in_order(server):
    return sorted([b"x"], key=lambda word: server.reply([word]))  # two loops of the interpreter


def subinterpreter():
    try:
        import _interpreters as module  # pylint: disable=import-outside-toplevel
    except ImportError:
        import _xxsubinterpreters as module  # pylint: disable=import-outside-toplevel
    return module, module.create()


async def later(server):
    await asyncio.sleep(0)
    server.reply([b"x"])


if "wait" in sys.argv:
    sys.stdin.readline()
if "threads" in sys.argv:  # the main one's is behind all of these in the interpreter's list
    for _ in range(300):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
if "beside" in sys.argv:
    subinterpreter()
server_ = Server(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
if "inside" in sys.argv:  # all of this, and a call of main's around it
    module_, its = subinterpreter()
    module_.run_string(its, f"import sys; sys.argv = {sys.argv[:1]}; exec(compile(open({__file__!r}).read(), {__file__!r}, 'exec'))")
elif "names" in sys.argv:
    ответ(server_.sock)
elif "asyncio" in sys.argv:
    asyncio.run(later(server_))
elif "named" in sys.argv:
    send(server_.sock)
else:
    in_order(server_)
if "PLACE_TWICE" in os.environ and "names" in sys.argv:  # of one, two and four bytes a character; none, or not to be shown
    for name_ in ("отказ", "r\xe9ply", "r\xe8ply", "\U00010330\U00010331", "\x1b[31m", "\x1b]0;", "\u202e", "\udc80", "a*b", "a#b"):
        named(name_)(server_.sock)
elif "PLACE_TWICE" in os.environ:
    server_.again()
if "wait" in sys.argv:
    sys.stdin.readline()
