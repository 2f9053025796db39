// SPDX-License-Identifier: LGPL-2.1-or-later

// For places.py: Go that calls C, which makes the mistake, or calls Go again, which makes it; with an argument only when a
// line came.
package main

// long c_reply(int fd);
// long c_back(int fd);
import "C"

import (
	"bufio"
	"encoding/binary"
	"net"
	"os"
	"syscall"
)

//export go_reply
func go_reply(fd C.int) C.long {
	oob := make([]byte, 24) // cmsg_len, SOL_SOCKET, SCM_RIGHTS
	binary.LittleEndian.PutUint64(oob, 20)
	binary.LittleEndian.PutUint32(oob[8:], 1)
	binary.LittleEndian.PutUint32(oob[12:], 1)
	n, err := syscall.SendmsgN(int(fd), []byte("x"), oob, nil, 0) // BACK
	if err != nil {
		panic(err)
	}
	return C.long(n)
}

//go:noinline
func asked(fd int) int {
	if os.Getenv("PLACE_BACK") != "" {
		return int(C.c_back(C.int(fd)))
	}
	return int(C.c_reply(C.int(fd)))
}

func main() {
	if len(os.Args) > 1 {
		in := bufio.NewReader(os.Stdin)
		in.ReadString('\n')
		defer in.ReadString('\n')
	}
	conn, err := net.Dial("udp4", "127.0.0.1:9")
	if err != nil {
		panic(err)
	}
	file, err := conn.(*net.UDPConn).File()
	if err != nil {
		panic(err)
	}
	asked(int(file.Fd()))
}
