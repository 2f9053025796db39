# SPDX-License-Identifier: LGPL-2.1-or-later
"""For places.py: makes one mistake, on the line that says so; with an argument only when a line came."""
import asyncio
import os
import socket
import struct
import sys


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


def in_order(server):
    return sorted([b"x"], key=lambda word: server.reply([word]))  # two loops of the interpreter


async def later(server):
    await asyncio.sleep(0)
    server.reply([b"x"])


if "wait" in sys.argv:
    sys.stdin.readline()
server_ = Server(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
if "asyncio" in sys.argv:
    asyncio.run(later(server_))
else:
    in_order(server_)
if "PLACE_TWICE" in os.environ:
    server_.again()
if "wait" in sys.argv:
    sys.stdin.readline()
