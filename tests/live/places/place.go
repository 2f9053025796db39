// SPDX-License-Identifier: LGPL-2.1-or-later

// For places.py: makes one mistake, on the line that says so; with an argument only when a line came.
package main

import (
	"bufio"
	"encoding/binary"
	"net"
	"os"
)

type server struct{ conn *net.UDPConn }

//go:noinline
func (s *server) reply(oob []byte, to *net.UDPAddr) int {
	_, n, err := s.conn.WriteMsgUDP([]byte("x"), oob, to) // HERE
	if err != nil {
		panic(err)
	}
	return n
}

//go:noinline
func (s *server) again(oob []byte, to *net.UDPAddr) int {
	_, n, err := s.conn.WriteMsgUDP([]byte("x"), oob, to) // AGAIN
	if err != nil {
		panic(err)
	}
	return n
}

// Small enough to be compiled into its caller.
func (s *server) inlined(oob []byte, to *net.UDPAddr) {
	s.conn.WriteMsgUDP([]byte("x"), oob, to) // INLINED
}

//go:noinline
func (s *server) outer(oob []byte, to *net.UDPAddr) {
	s.inlined(oob, to)
	if s.conn == nil {
		panic("no connection")
	}
}

func main() {
	if len(os.Args) > 1 {
		in := bufio.NewReader(os.Stdin)
		in.ReadString('\n')
		defer in.ReadString('\n')
	}
	conn, err := net.ListenUDP("udp4", nil)
	if err != nil {
		panic(err)
	}
	oob := make([]byte, 24) // cmsg_len, SOL_SOCKET, SCM_RIGHTS
	binary.LittleEndian.PutUint64(oob, 20)
	binary.LittleEndian.PutUint32(oob[8:], 1)
	binary.LittleEndian.PutUint32(oob[12:], 1)
	s, to := &server{conn}, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9}
	if os.Getenv("PLACE_INLINE") != "" {
		s.outer(oob, to)
		return
	}
	s.reply(oob, to)
	if os.Getenv("PLACE_TWICE") != "" {
		s.again(oob, to)
	}
}
