// SPDX-License-Identifier: LGPL-2.1-or-later
// For places.py: an async function, run by tokio, makes one mistake, on the line that says so; with an argument only when
// a line came.
use std::os::fd::AsRawFd;
use tokio::net::UdpSocket;

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

async fn reply(socket: &UdpSocket) -> isize {
    socket.writable().await.unwrap();
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
    unsafe { sendmsg(socket.as_raw_fd(), &m, 0) } // HERE
}

async fn serve() -> isize {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect("127.0.0.1:9").await.unwrap();
    tokio::task::yield_now().await;
    reply(&socket).await
}

fn main() {
    if std::env::args().len() > 1 {
        std::io::stdin().read_line(&mut String::new()).unwrap();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let bad = runtime.block_on(serve()) != 1;
    if std::env::args().len() > 1 {
        std::io::stdin().read_line(&mut String::new()).unwrap();
    }
    std::process::exit(bad as i32);
}
