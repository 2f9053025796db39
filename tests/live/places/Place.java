// SPDX-License-Identifier: LGPL-2.1-or-later
// For places.py: answers without saying from where, in reply(); with an argument only when a line came.
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import javax.management.ObjectName;

public class Place {
	static void reply(DatagramSocket from, DatagramPacket to) throws Exception {
		from.send(to);
	}

	static void again(DatagramSocket from, DatagramPacket to) throws Exception {
		from.send(to);
	}

	/* What jcmd's Compiler.perfmap asks for, asked from inside. */
	static void writeMap() throws Exception {
		ManagementFactory.getPlatformMBeanServer().invoke(new ObjectName("com.sun.management:type=DiagnosticCommand"),
								  "compilerPerfmap", null, null);
	}

	public static void main(String[] args) throws Exception {
		DatagramPacket p = new DatagramPacket(new byte[1], 1);

		if (args.length > 0)
			System.in.read();
		try (DatagramSocket server = new DatagramSocket(0);
		     DatagramSocket client = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
			DatagramPacket request = new DatagramPacket(new byte[1], 1, InetAddress.getLoopbackAddress(),
								     server.getLocalPort());

			/* requests, for which they are compiled */
			reply(client, request);
			again(client, request);
			writeMap();
			server.receive(p);
			reply(server, p);
			if (System.getenv("PLACE_TWICE") != null)
				again(server, p);
		}
		if (args.length > 0)
			System.in.read();
		new java.io.File("/tmp/perf-" + ProcessHandle.current().pid() + ".map").delete();
	}
}
