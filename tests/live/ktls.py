#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: with kernel TLS a record that is no data and meets a receive without room for its type gives CT601, one with room nothing;
types are shown both ways.  With keys set by hand, and in programs of GnuTLS and OpenSSL, which leave records to the kernel where asked to.

CMSGTRACE_KTLS_OPENSSL: a folder with the libraries of an OpenSSL 3 that was configured with enable-ktls; many distributions' is not."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Skip, Tap, Traced, free_port, need, trace, wait_for  # noqa: E402

PROGRAM = """import struct, sys
from socket import *
TLS, ULP = 282, 31
def keys(s, way): # TLS_TX 1, TLS_RX 2: AES-GCM with 128 bits
    s.setsockopt(IPPROTO_TCP, ULP, b"tls")
    s.setsockopt(TLS, way, struct.pack("=HH", int(sys.argv[1], 16), 51) + bytes(36))
def record(type, data):
    a.sendmsg([data], [(TLS, 1, bytes([type]))])
def fails(call, *args):
    try: call(*args)
    except OSError as e: print(e.errno); return
    print("no error")
l = create_server(("127.0.0.1", 0)); a = create_connection(l.getsockname()); b, _ = l.accept()
try: keys(a, 1)
except OSError as e: print(e); sys.exit(77)
keys(b, 2)
exec(sys.argv[2])
"""
SSL_PROGRAM = """import os, ssl, sys, threading
from socket import *
l = create_server(("127.0.0.1", 0))
def client():
    with create_connection(l.getsockname()) as c:
        context = ssl._create_unverified_context()
        s = context.wrap_socket(c)
        s.sendall(b"question")
        try: s.unwrap()
        except OSError: pass
threading.Thread(target=client, daemon=True).start()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.maximum_version = ssl.TLSVersion.TLSv1_2 # of 1.3 OpenSSL 3.0 leaves nothing that arrives to the kernel
context.set_ciphers("ECDHE+AESGCM")
context.options |= 8 # SSL_OP_ENABLE_KTLS
context.load_cert_chain(sys.argv[1], sys.argv[2])
b, _ = l.accept()
b = context.wrap_socket(b, server_side=True, suppress_ragged_eofs=False)
def read():
    while True:
        try: data = eval(sys.argv[3])
        except OSError as e: data = str(e.errno).encode()
        print(data.decode(errors="replace") or "closed")
        if data != b"question": break
read()
"""
CLOSE = 'record(21, b"\\x01\\0"); '  # close_notify, a warning
FAULTS = {  # what it does: what CT601 says
    CLOSE + "fails(b.recv, 100)": "no control buffer that could tell its type",
    CLOSE + "fails(b.recvmsg, 100)": "no control buffer that could tell its type",
    CLOSE + "fails(b.recvmsg, 100, 16)": "control buffer of 16 bytes has no room for its type",
    'a.send(b"data"); record(22, b"ticket"); b.recv(100); fails(b.recv, 100)': "no control buffer that could tell its type",
}
RIGHT = {  # what it does: what that prints
    CLOSE + "print(b.recvmsg(100, CMSG_SPACE(1))[:2])": r"(b'\x01\x00', [(282, 2, b'\x15')])",
    CLOSE + "print(b.recvmsg(100, CMSG_LEN(1))[1])": r"[(282, 2, b'\x15')]",
    'a.send(b"data"); print(b.recv(100))': "b'data'",
    'a.send(b"data"); print(b.recvmsg(100, CMSG_SPACE(1))[1])': r"[(282, 2, b'\x17')]",
    'record(22, b"ticket"); print(b.recvmsg(100, CMSG_SPACE(1))[1])': r"[(282, 2, b'\x16')]",
}
LONG = 240  # seconds: in emulation on a busy machine a program takes tens of them
VERSIONS = {"TLS 1.2": "303", "TLS 1.3": "304"}


def run_it(version, program):
    run = trace("--", sys.executable, "-c", PROGRAM, VERSIONS[version], program, timeout=LONG)
    if run.status == 77:
        raise Skip("no kernel TLS: " + run.out.strip())
    assert run.status == 0, run.text + run.out
    return run


def test_a_record_without_room_for_its_type(version):
    for program, says in FAULTS.items():
        run = run_it(version, program)
        assert run.out == "5\n", (program, run.out)  # EIO
        findings = [f for f in run.findings() if f["rule"] == "CT601"]
        assert len(findings) == 1 and says in findings[0]["message"], (program, run.text)


def test_a_record_with_room_for_its_type(version):
    for program, printed in RIGHT.items():
        run = run_it(version, program)
        assert run.out.strip() == printed, (program, run.out)
        assert not run.findings(), (program, run.text)


def test_types_are_shown_both_ways(version):
    text = run_it(version, CLOSE + "b.recvmsg(100, CMSG_SPACE(1))").text
    for name in "TLS_SET_RECORD_TYPE", "TLS_GET_RECORD_TYPE":
        assert re.search(r"cmsg_level=SOL_TLS, cmsg_type=%s, cmsg_data=\[21 /\* alert \*/\]" % name, text), text


def certificate(folder):
    """A certificate and its key"""
    cert, key = (os.path.join(folder, name) for name in ("cert", "key"))
    subprocess.run([need("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-keyout", key, "-out", cert], check=True, capture_output=True, timeout=LONG)
    return cert, key


def gnutls(folder):
    """Its programs' environment, certificate and key"""
    for program in "gnutls-serv", "gnutls-cli":
        need(program)
    with open(os.path.join(folder, "config"), "w") as f:
        f.write("[global]\nktls = true\n")
    return dict(os.environ, GNUTLS_SYSTEM_PRIORITY_FILE=os.path.join(folder, "config")), *certificate(folder)


def test_gnutls_over_kernel_tls():
    port = str(free_port())
    client = ["gnutls-cli", "--insecure", "--no-ca-verification", "-p", port, "127.0.0.1"]
    out = []

    def echoed():
        out.append(subprocess.run(client, env=env, input="question\n", capture_output=True, text=True, timeout=LONG, check=False))
        return "question" in out[-1].stdout

    with tempfile.TemporaryDirectory() as folder:
        env, cert, key = gnutls(folder)
        with Traced(["--", "gnutls-serv", "--echo", "--quiet", "-p", port, "--x509certfile", cert, "--x509keyfile", key],
                    env=env) as server:
            wait_for("an answer", echoed, LONG)
            server.interrupt()
            run = server.finish(LONG)
    if "SOL_TLS" not in run.text:
        raise Skip("this GnuTLS or kernel leaves no records to the kernel")
    assert not run.findings(), run.text


def openssl_server(read):
    """What an OpenSSL server prints and what is said of it that reads its socket by an expression."""
    libraries = os.environ.get("CMSGTRACE_KTLS_OPENSSL")
    with tempfile.TemporaryDirectory() as folder:
        cert, key = certificate(folder)
        run = trace("--", sys.executable, "-c", SSL_PROGRAM, cert, key, read, timeout=LONG,
                    env=dict(os.environ, LD_LIBRARY_PATH=libraries) if libraries else None)
    if "TLS_GET_RECORD_TYPE" not in run.text and "SOL_TLS" not in run.text:
        raise Skip("this OpenSSL or kernel leaves no records to the kernel (CMSGTRACE_KTLS_OPENSSL)")
    assert run.status == 0, run.text + run.out
    return run


def test_openssl_that_reads_alerts_with_their_type():
    run = openssl_server("b.recv(100)")
    assert run.out == "question\nclosed\n", run.out
    assert "21 /* alert */" in run.text, run.text
    assert not run.findings(), run.text


def test_openssl_whose_program_reads_past_it():
    run = openssl_server("socket(fileno=os.dup(b.fileno())).recv(100)")
    assert run.out == "question\n5\n", (run.out, run.text)  # EIO
    assert [f["rule"] for f in run.findings()] == ["CT601"], run.text


tap = Tap()
for version_ in VERSIONS:
    tap.run(test_a_record_without_room_for_its_type, version_)
    tap.run(test_a_record_with_room_for_its_type, version_)
    tap.run(test_types_are_shown_both_ways, version_)
tap.run(test_gnutls_over_kernel_tls)
tap.run(test_openssl_that_reads_alerts_with_their_type)
tap.run(test_openssl_whose_program_reads_past_it)
sys.exit(tap.done())
