// SPDX-License-Identifier: LGPL-2.1-or-later

// Echo over QUIC, for quic.py:
//
//	quic-echo server udp|udp4|udp6 CONNECTIONS     prints its port, ends after so many connections
//	quic-echo client ADDRESS PORT BYTES            verifies the echo, prints who sent it
//	quic-echo client ADDRESS PORT BYTES strict     hears what comes from ADDRESS alone, as behind a firewall
package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"sort"
	"strconv"
	"sync"
	"time"

	"github.com/lucas-clemente/quic-go"
)

const (
	protocol = "cmsgtrace-echo"
	patience = 30 * time.Second
)

func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{cert}, PrivateKey: key}, err
}

// echo answers the streams of one connection until the client closes it.
func echo(conn quic.Connection) {
	for {
		stream, err := conn.AcceptStream(context.Background())
		if err != nil {
			return
		}
		go func() {
			io.Copy(stream, stream)
			stream.Close()
		}()
	}
}

func server(network string, connections int) error {
	cert, err := selfSigned()
	if err != nil {
		return err
	}
	socket, err := net.ListenUDP(network, nil)
	if err != nil {
		return err
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{protocol}}
	listener, err := quic.Listen(socket, config, nil)
	if err != nil {
		return err
	}
	fmt.Println(socket.LocalAddr().(*net.UDPAddr).Port)
	for ; connections > 0; connections-- {
		conn, err := listener.Accept(context.Background())
		if err != nil {
			return err
		}
		echo(conn)
	}
	return listener.Close()
}

// witness keeps the addresses that packets came from.  quic-go takes a packet of its connection from
// anywhere; a firewall between the two would not.
type witness struct {
	net.PacketConn
	only  string // nobody else is heard; "": all are
	mutex sync.Mutex
	seen  map[string]bool
}

func (w *witness) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := w.PacketConn.ReadFrom(b)
	for err == nil && w.only != "" && from.(*net.UDPAddr).IP.String() != w.only {
		n, from, err = w.PacketConn.ReadFrom(b)
	}
	if err == nil {
		w.mutex.Lock()
		w.seen[from.(*net.UDPAddr).IP.String()] = true
		w.mutex.Unlock()
	}
	return n, from, err
}

func (w *witness) addresses() []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var all []string
	for a := range w.seen {
		all = append(all, a)
	}
	sort.Strings(all)
	return all
}

func client(address string, port, size int, only string) error {
	socket, err := net.ListenUDP("udp", nil)
	if err != nil {
		return err
	}
	defer socket.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	w := &witness{PacketConn: socket, only: only, seen: map[string]bool{}}
	peer := &net.UDPAddr{IP: net.ParseIP(address), Port: port}
	config := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{protocol}}
	conn, err := quic.DialContext(ctx, w, peer, "", config, nil)
	if err != nil {
		return err
	}
	stream, err := conn.OpenStreamSync(ctx)
	if err != nil {
		return err
	}
	stream.SetDeadline(time.Now().Add(patience))
	sent := make([]byte, size)
	if _, err := rand.Read(sent); err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() {
		_, err := stream.Write(sent)
		stream.Close()
		failed <- err
	}()
	got, err := io.ReadAll(stream)
	if err != nil {
		return err
	}
	if err := <-failed; err != nil {
		return err
	}
	if !bytes.Equal(got, sent) {
		return errors.New("the echo differs")
	}
	for _, a := range w.addresses() {
		fmt.Println(a)
	}
	return conn.CloseWithError(0, "")
}

func run(args []string) error {
	if len(args) == 3 && args[0] == "server" {
		connections, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		return server(args[1], connections)
	}
	if strict := len(args) == 5 && args[4] == "strict"; (len(args) == 4 || strict) && args[0] == "client" {
		port, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		size, err := strconv.Atoi(args[3])
		if err != nil {
			return err
		}
		only := ""
		if strict {
			only = args[1]
		}
		return client(args[1], port, size, only)
	}
	return errors.New("usage: quic-echo server NETWORK CONNECTIONS | client ADDRESS PORT BYTES [strict]")
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "quic-echo:", err)
		os.Exit(1)
	}
}
