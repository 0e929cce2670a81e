//! A door to the stand-in that can be shut: then nobody listens there, and connections are refused.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, listen, shutdown, socket_with, sockopt};

pub(crate) struct Door {
    /// Bound, and never listens: nobody else takes the port while the door is shut.
    _place: OwnedFd,
    address: SocketAddr,
    /// Where the stand-in is.
    behind: SocketAddr,
    open: Option<Opening>,
}

/// From one opening to the next shutting.
struct Opening {
    listener: TcpListener,
    /// Both ends of what has come in; `None` once it was cut.
    connections: Arc<Mutex<Option<Vec<TcpStream>>>>,
}

impl Door {
    /// An open door to the stand-in at this URL.
    pub(crate) fn to(url: &str) -> Self {
        let place = bound(0);
        let address = rustix::net::getsockname(&place).unwrap().try_into().unwrap();
        let behind = url.trim_start_matches("http://").parse().unwrap();
        let mut door = Self { _place: place, address, behind, open: None };
        door.reopen();
        door
    }

    /// What to call in place of the stand-in.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Cuts what is under way, and refuses everything from now on.
    pub(crate) fn shut(&mut self) {
        let Some(opening) = self.open.take() else { return };
        shutdown(&opening.listener, rustix::net::Shutdown::Both).unwrap();
        for connection in opening.connections.lock().unwrap().take().into_iter().flatten() {
            connection.shutdown(Shutdown::Both).ok();
        }
    }

    /// Lets callers in again.
    pub(crate) fn reopen(&mut self) {
        let listener = bound(self.address.port());
        listen(&listener, 128).unwrap();
        let listener = TcpListener::from(listener);
        let connections = Arc::new(Mutex::new(Some(Vec::new())));
        let (accepting, known, behind) = (listener.try_clone().unwrap(), Arc::clone(&connections), self.behind);
        thread::spawn(move || {
            while let Ok((caller, _)) = accepting.accept() {
                // A caller that has gone meanwhile is none of ours to worry about.
                pass(caller, behind, &known).ok();
            }
        });
        self.open = Some(Opening { listener, connections });
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.shut();
    }
}

/// A socket at this port of 127.0.0.1, which others of ours may have too.
fn bound(port: u16) -> OwnedFd {
    let socket = socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
    sockopt::set_socket_reuseport(&socket, true).unwrap();
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).unwrap();
    socket
}

fn pass(caller: TcpStream, behind: SocketAddr, known: &Mutex<Option<Vec<TcpStream>>>) -> io::Result<()> {
    let server = TcpStream::connect(behind)?;
    if let Some(known) = known.lock().unwrap().as_mut() {
        known.extend([caller.try_clone()?, server.try_clone()?]);
        copy(caller.try_clone()?, server.try_clone()?);
        copy(server, caller);
    }
    Ok(())
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        io::copy(&mut from, &mut to).ok();
        to.shutdown(Shutdown::Write).ok();
    });
}
