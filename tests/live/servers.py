# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real UDP servers for the live tests: how each is started so that it stays in a folder of its own and in the
foreground, and what to ask it."""
import glob
import os
import shlex
import socket
import struct
import subprocess
import sys

from lab import Skip, need, need_known

V4, V6 = socket.AF_INET, socket.AF_INET6
DNS = struct.pack("!6H", 0x1234, 0x0100, 1, 0, 0, 0) + b"\4test\7example\0" + struct.pack("!2H", 1, 1)
NTP = b"\x23" + bytes(47)
TFTP_READ, TFTP_ACK = b"\0\1file\0octet\0", b"\0\4\0\1"
STUN = b"\0\1\0\0\x21\x12\xa4\x42" + b"twelve bytes"
SNMP = bytes.fromhex("302602010104067075626c6963a019020101020100020100300e300c06082b060102010103000500")
RADIUS = b"\1\1\0\x1a" + b"sixteen bytes...".ljust(16) + b"\1\6name"
OPENVPN_RESET = b"\x38" + b"a key id" + bytes(5)  # P_CONTROL_HARD_RESET_CLIENT_V2
MEMCACHED = struct.pack("!4H", 1, 0, 1, 0) + b"version\r\n"
ECHO = b"question\n"


class Setting:
    """Where a server runs: its folder, its port, the addresses that it listens on (none: the wildcards)."""

    def __init__(self, folder, port, addresses=()):
        self.folder, self.port, self.addresses = folder, port, list(addresses)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def hosts(self, *families):
        everywhere = [{V4: "0.0.0.0", V6: "::"}[f] for f in families or (V4, V6)]
        return [a for a in self.addresses if (V6 if ":" in a else V4) in (families or (V4, V6))] or everywhere

    def host(self, family):
        return self.hosts(family)[0]

    def each(self, form, *families):
        return [form.format(host=h, brackets=f"[{h}]" if ":" in h else h, port=self.port)
                for h in self.hosts(*families)]


class Server:
    """A row: argv(setting), what to ask, and how it can listen: on the "wildcard", on "each" address with a socket
    of its own, or on "one" address only."""

    def __init__(self, argv, ask, families=(V4, V6), listen=("wildcard",), then=None, name=None):
        self.argv, self.ask, self.families, self.listen, self.then = argv, ask, families, listen, then
        self.name = name or argv.__name__.replace("_", " ")


SERVERS = []


def server(ask, *args, **kwargs):
    def add(argv):
        SERVERS.append(Server(argv, ask, *args, **kwargs))
        return argv
    return add


ZONE = ("$ORIGIN test.example.\n$TTL 60\n@ SOA ns.test.example. me.test.example. 1 60 60 60 60\n@ NS ns\n"
        "@ A 192.0.2.1\nns A 192.0.2.2\n")


# ---- name servers ----

def dnsmasq_argv(s, *more):
    return [need("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", f"--port={s.port}", "--no-resolv",
            "--no-hosts", "--pid-file=", "--user=root", "--log-facility=-", "--address=/test.example/192.0.2.1", *more]


@server(DNS)
def dnsmasq(s):
    return dnsmasq_argv(s)


@server(DNS, listen=("each",))
def dnsmasq_bind_interfaces(s):
    return dnsmasq_argv(s, "--bind-interfaces", *(f"--listen-address={a}" for a in s.addresses))


@server(DNS)
def dnsmasq_forwarding(s):
    """Answers when another one on the loopback interface has answered it."""
    upstream = Setting(s.folder, s.port + 1)
    knows = shlex.join(dnsmasq_argv(upstream, "--bind-interfaces", "--listen-address=127.0.0.1"))
    asks = shlex.join([w for w in dnsmasq_argv(s) if not w.startswith("--address")] +
                      ["--cache-size=0", f"--server=127.0.0.1#{upstream.port}"])
    return ["sh", "-c", f"{knows} & knows=$!; {asks} & trap \"kill $knows $!\" TERM; wait; wait"]


def unbound_argv(s, *lines):
    return [need("unbound"), "-d", "-c", s.write("conf", "\n ".join(
        ["server:", f"port: {s.port}", "do-daemonize: no", 'chroot: ""', 'username: ""', f'directory: "{s.folder}"',
         'pidfile: ""', "use-syslog: no", "access-control: 0.0.0.0/0 allow", "access-control: ::/0 allow",
         'local-data: "test.example. A 192.0.2.1"', *lines]) + "\nremote-control:\n control-enable: no\n")]


@server(DNS)
def unbound_interface_automatic(s):
    return unbound_argv(s, "interface-automatic: yes")


@server(DNS, listen=("wildcard", "each"))
def unbound(s):
    return unbound_argv(s, *s.each("interface: {host}"))


@server(DNS, listen=("wildcard", "each"))
def nsd(s):
    s.write("zone", ZONE)
    return [need("nsd"), "-d", "-c", s.write("conf", "\n ".join(
        ["server:", *s.each("ip-address: {host}"), f"port: {s.port}", "username: root", f'zonesdir: "{s.folder}"',
         f'pidfile: "{s.folder}/pid"', 'database: ""', f'xfrdfile: "{s.folder}/xfrd"', f'xfrdir: "{s.folder}"',
         f'zonelistfile: "{s.folder}/list"', "server-count: 1"]) +
        '\nremote-control:\n control-enable: no\nzone:\n name: test.example\n zonefile: zone\n')]


@server(DNS, listen=("wildcard", "each"))
def knotd(s):
    s.write("zone", ZONE)
    return [need("knotd"), "-c", s.write("conf", f"""
server:
    rundir: "{s.folder}"
    user: root
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    listen: [ {", ".join(s.each('"{host}@{port}"'))} ]
control:
    listen: "{s.folder}/control"
log:
  - target: stderr
    any: error
database:
    storage: "{s.folder}"
zone:
  - domain: test.example
    file: "{s.folder}/zone"
    journal-content: none
""")]


@server(DNS)
def named(s):
    s.write("zone", ZONE)
    return [need("named"), "-g", "-n", "1", "-c", s.write("conf", f"""
options {{
    directory "{s.folder}"; managed-keys-directory "{s.folder}"; pid-file none; session-keyfile none;
    listen-on port {s.port} {{ any; }}; listen-on-v6 port {s.port} {{ any; }};
    recursion no; notify no; allow-transfer {{ none; }}; dnssec-validation no;
}};
controls {{ }};
zone "test.example" {{ type primary; file "{s.folder}/zone"; }};
""")]


@server(DNS, families=(V4,), listen=("wildcard", "each"))
def rbldnsd(s):
    s.write("zone", "$SOA 60 ns.test.example me.test.example 1 60 60 60 60\n$NS 60 ns.test.example\n:127.0.0.2:here\n"
            "host\n")
    binds = [word for bind in s.each("{host}/{port}", V4) for word in ("-b", bind)]
    return [need("rbldnsd"), "-n", "-u", "nobody", "-w", s.folder, *binds, "test.example:dnset:zone"]


@server(DNS, listen=("wildcard", "each"))
def gdnsd(s):
    os.mkdir(f"{s.folder}/zones")
    s.write("zones/test.example", ZONE)
    s.write("config", f"""
options => {{
    listen => [ {", ".join(s.each('"{brackets}:{port}"'))} ]
    run_dir => "{s.folder}/run"
    state_dir => "{s.folder}/state"
    udp_threads => 1
    tcp_threads => 1
}}
""")
    return [need("gdnsd"), "-c", s.folder, "start"]


@server(DNS, listen=("wildcard", "each"))
def kresd(s):
    s.write("conf", "\n".join(
        ["log_level('crit')", "trust_anchors.remove('.')", "cache.size = 1*MB", "policy.add(policy.all(policy.DENY))",
         *s.each("net.listen('{host}', {port}, {{ kind = 'dns' }})")]) + "\n")
    return [need("kresd"), "-n", "-q", "-c", f"{s.folder}/conf", s.folder]


@server(DNS, listen=("wildcard", "each"))
def dnsdist(s):
    return [need("dnsdist"), "--supervised", "-C", s.write("conf", "\n".join(
        [*s.each('addLocal("{brackets}:{port}")'), 'setACL({"0.0.0.0/0", "::/0"})',
         'addAction(AllRule(), SpoofAction("192.0.2.1"))']) + "\n")]


@server(DNS, listen=("wildcard", "each"))
def pdns_server(s):
    if not glob.glob("/usr/lib/*/pdns/libbindbackend.so"):
        raise Skip("pdns-backend-bind is not installed")
    s.write("zone", ZONE)
    s.write("named", f'zone "test.example" {{ type master; file "{s.folder}/zone"; }};\n')
    s.write("pdns.conf", f"launch=bind\nbind-config={s.folder}/named\nlocal-address={','.join(s.hosts())}\n"
            f"local-port={s.port}\nsocket-dir={s.folder}\nsecurity-poll-suffix=\nconsistent-backends=yes\n")
    return [need("pdns_server"), f"--config-dir={s.folder}", "--daemon=no", "--guardian=no"]


# ---- other daemons ----

@server(NTP)
def chronyd(s):
    return [need("chronyd"), "-d", "-x", "-u", "root", "-f", s.write(
        "conf", f"port {s.port}\nallow all\nlocal stratum 8\ncmdport 0\nbindcmdaddress /\npidfile {s.folder}/pid\n"
        f"driftfile {s.folder}/drift\n")]


def tftp_end(client, _, peer):
    client.sendto(TFTP_ACK, peer)


def in_tftpd(s, family):
    s.write("file", "what the file says\n")
    os.chmod(f"{s.folder}/file", 0o644)
    return [need_known("in.tftpd", "-V", "tftp-hpa"), "-L", "-u", "root", "--address", s.each("{brackets}:{port}", family)[0], "-s", s.folder]


@server(TFTP_READ, (V4,), ("wildcard", "one"), tftp_end)
def atftpd(s):
    s.write("file", "what the file says\n")
    return [need("atftpd"), "--daemon", "--no-fork", "--user", "root.root", "--logfile", "-", "--port", str(s.port),
            "--bind-address", s.host(V4), s.folder]


@server(SNMP, listen=("wildcard", "each"))
def snmpd(s):
    listen = [("udp6:" if "[" in a else "udp:") + a for a in s.each("{brackets}:{port}")]
    return [need("env"), "MIBS=", f"SNMP_PERSISTENT_DIR={s.folder}", need("snmpd"), "-f", "-Le", "-C", "-c",
            s.write("snmpd.conf", "rocommunity public default\nrocommunity6 public default\n"), *listen]


@server(RADIUS, listen=("wildcard", "each"))
def freeradius(s):
    listen = "".join(f"listen {{\ntype = auth\n{'ipv6addr' if ':' in h else 'ipaddr'} = {h}\nport = {s.port}\n}}\n"
                     for h in s.hosts())
    s.write("radiusd.conf", f"""
name = radiusd
logdir = {s.folder}
run_dir = {s.folder}
libdir = /usr/lib/freeradius
correct_escapes = true
security {{
    reject_delay = 0
}}
client v4 {{
    ipaddr = 0.0.0.0/0
    secret = secret
}}
client v6 {{
    ipv6addr = ::/0
    secret = secret
}}
server default {{
{listen}
authorize {{
    update control {{
        Auth-Type := Accept
    }}
}}
}}
""")
    return [need("freeradius"), "-f", "-l", "stdout", "-d", s.folder, "-n", "radiusd"]


@server(STUN, listen=("wildcard", "each"))
def turnserver(s):
    listen = [word for h in s.hosts() for word in ("-L", h)]
    return [need("turnserver"), "-n", "-p", str(s.port), "--no-tls", "--no-dtls", "--no-tcp", "--no-cli", "--no-auth",
            "-l", "stdout", "--simple-log", "--pidfile", f"{s.folder}/pid", "-b", f"{s.folder}/db", "-m", "1", *listen]


def openvpn(s, proto, *more):
    key, cert = f"{s.folder}/key", f"{s.folder}/cert"
    program, openssl = need("openvpn"), need("openssl")
    subprocess.run([openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=test"], check=True, timeout=30,
                   stderr=subprocess.DEVNULL)
    local = ("--local", s.addresses[0]) if s.addresses else ()
    return [program, "--mode", "server", "--tls-server", "--dev", "tun", "--proto", proto, "--port", str(s.port),
            "--ca", cert, "--cert", cert, "--key", key, "--dh", "none", "--cd", s.folder, "--tmp-dir", s.folder,
            *local, *more]


def xinetd(s, lines):
    return [need("xinetd"), "-dontfork", "-pidfile", f"{s.folder}/pid", "-f", s.write("conf", f"""
service echo
{{
{lines}
socket_type = dgram
protocol = udp
user = root
wait = yes
port = {s.port}
bind = {s.host(V4)}
flags = IPv4
}}
""")]


@server(ECHO, (V4,))
def xinetd_echo(s):
    return xinetd(s, "type = INTERNAL UNLISTED")


@server(TFTP_READ, (V4,), then=tftp_end)
def xinetd_in_tftpd(s):
    """The server begins with the socket that was asked as its standard input."""
    s.write("file", "what the file says\n")
    return xinetd(s, f"type = UNLISTED\nserver = {need_known('in.tftpd', '-V', 'tftp-hpa')}\nserver_args = -u root -s {s.folder}")


@server(MEMCACHED, listen=("wildcard", "each"))
def memcached(s):
    return [need("memcached"), "-u", "root", "-p", "0", "-U", str(s.port), "-t", "1", "-m", "8", "-l", ",".join(s.hosts())]


for _proto, _families, _one in (("udp4", (V4,), ("one",)), ("udp6", (V4, V6), ())):
    SERVERS.append(Server(lambda s, p=_proto: openvpn(s, p), OPENVPN_RESET, _families, ("wildcard",) + _one,
                          name=f"openvpn --proto {_proto}"))
    SERVERS.append(Server(lambda s, p=_proto: openvpn(s, p, "--multihome"), OPENVPN_RESET, _families,
                          name=f"openvpn --proto {_proto} --multihome"))

for _family, _v in ((V4, 4), (V6, 6)):
    SERVERS.append(Server(lambda s, f=_family: in_tftpd(s, f), TFTP_READ, (_family,), ("wildcard", "one"), tftp_end,
                          f"in.tftpd v{_v}"))


# ---- tools that make servers ----

def socat(s, kind, family):
    return [need("socat"), f"{kind}:{s.port},fork,bind={s.each('{brackets}', family)[0]}", f"EXEC:{need('cat')}"]


for _kind in ("LISTEN", "RECVFROM"):
    for _family, _v, _families in ((V4, 4, (V4,)), (V6, 6, (V4, V6))):
        SERVERS.append(Server(lambda s, k=f"UDP{_v}-{_kind}", f=_family: socat(s, k, f), ECHO, _families,
                              ("wildcard", "one"), name=f"socat UDP{_v}-{_kind}"))


@server(ECHO, families=(V4,), listen=("wildcard", "one"))
def ncat(s):
    return [need("ncat"), "-4", "-u", "-l", "-k", "-e", need("cat"), s.host(V4), str(s.port)]


# ---- languages ----

def python3_socketserver(s, family):
    return [sys.executable, "-c", f"""
import socket, socketserver
class Server(socketserver.ThreadingUDPServer):
    address_family = socket.AF_INET{'6' if family == V6 else ''}
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request
        sock.sendto(data, self.client_address)
Server(({s.host(family)!r}, {s.port}), Handler).serve_forever()
"""]


def node_dgram(s, family):
    return [need("node"), "-e", f"""
const server = require('dgram').createSocket('udp{6 if family == V6 else 4}');
server.on('message', (data, peer) => server.send(data, peer.port, peer.address));
server.bind({s.port}, {s.host(family)!r});
"""]


for _family, _v, _families in ((V4, 4, (V4,)), (V6, 6, (V4, V6))):
    for _argv in (python3_socketserver, node_dgram):
        SERVERS.append(Server(lambda s, a=_argv, f=_family: a(s, f), ECHO, _families, ("wildcard", "one"),
                              name=f"{_argv.__name__.replace('_', ' ')} udp{_v}"))


@server(ECHO, families=(V4,), listen=("wildcard", "one"))
def perl(s):
    return [need("perl"), "-MIO::Socket::INET", "-e", f"""
my $s = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '{s.host(V4)}', LocalPort => {s.port}) or die;
while (defined(my $peer = $s->recv(my $data, 1500))) {{ $s->send($data, 0, $peer); }}
"""]


@server(ECHO, families=(V4,), listen=("wildcard", "one"))
def ruby_udpsocket(s):
    return [need("ruby"), "-rsocket", "-e", f"""
s = UDPSocket.new; s.bind({s.host(V4)!r}, {s.port})
loop {{ data, peer = s.recvfrom(1500); s.send(data, 0, peer[3], peer[1]) }}
"""]


@server(ECHO)
def ruby_udp_server_loop(s):
    return [need("ruby"), "-rsocket", "-e",
            f"Socket.udp_server_loop({s.port}) {{ |data, source| source.reply(data) }}"]


JAVA = """
import java.net.*;
class Echo {
    public static void main(String[] a) throws Exception {
        DatagramSocket s = new DatagramSocket(Integer.parseInt(a[0]));
        DatagramPacket p = new DatagramPacket(new byte[1500], 1500);
        for (;;) { p.setLength(1500); s.receive(p); s.send(p); }
    }
}
"""


@server(ECHO)
def java_datagramsocket(s):
    java, javac = need("java"), need("javac")
    done = subprocess.run([javac, "-d", s.folder, s.write("Echo.java", JAVA)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    if done.returncode:
        raise Skip(f"javac doesn't work here: {done.stdout.splitlines()[:1]}")
    return [java, "-cp", s.folder, "Echo", str(s.port)]
