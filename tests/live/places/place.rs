// SPDX-License-Identifier: LGPL-2.1-or-later
// For places.py: makes one mistake, on the line that says so; with an argument only when a line came.
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

#[repr(C)]
struct Iovec {
    base: *const u8,
    len: usize,
}

#[repr(C)]
struct Msghdr {
    name: *const u8,
    namelen: u32,
    iov: *const Iovec,
    iovlen: usize,
    control: *const u8,
    controllen: usize,
    flags: i32,
}

#[repr(C, align(8))]
struct Control {
    len: usize,
    level: i32,
    kind: i32,
    fd: [i32; 2],
}

extern "C" {
    fn sendmsg(fd: i32, m: *const Msghdr, flags: i32) -> isize;
}

trait Reply {
    fn reply(&self, m: &Msghdr) -> isize;
    fn again(&self, m: &Msghdr) -> isize;
}

impl Reply for UdpSocket {
    #[cfg_attr(place_inline, inline(always))]
    #[cfg_attr(not(place_inline), inline(never))]
    fn reply(&self, m: &Msghdr) -> isize {
        let n = unsafe { sendmsg(self.as_raw_fd(), m, 0) }; // HERE
        n + std::hint::black_box(0)
    }

    #[inline(never)]
    fn again(&self, m: &Msghdr) -> isize {
        let n = unsafe { sendmsg(self.as_raw_fd(), m, 0) }; // AGAIN
        n - std::hint::black_box(1)
    }
}

fn main() {
    if std::env::args().len() > 1 {
        std::io::stdin().read_line(&mut String::new()).unwrap();
    }
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect("127.0.0.1:9").unwrap();
    let iov = Iovec { base: b"x".as_ptr(), len: 1 };
    let control = Control { len: 20, level: 1, kind: 1, fd: [0, 0] }; // SOL_SOCKET, SCM_RIGHTS
    let m = Msghdr {
        name: std::ptr::null(),
        namelen: 0,
        iov: &iov,
        iovlen: 1,
        control: &control as *const Control as *const u8,
        controllen: std::mem::size_of::<Control>(),
        flags: 0,
    };
    if std::env::var("PLACE_TWICE").is_ok() {
        socket.again(&m);
    }
    let bad = socket.reply(&m) != 1;
    if std::env::args().len() > 1 {
        std::io::stdin().read_line(&mut String::new()).unwrap();
    }
    std::process::exit(bad as i32);
}
