//! The server's process: this program again, so that its CPU time is not counted with the client's.

use std::io::{self, BufRead, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::corpus;
use super::server::{Server, frame};

/// The argument with which this program is the server.
const SERVE: &str = "serve-frames";

/// A server that is told which frames to write to which of its event sockets. It ends with this value.
#[derive(Debug)]
pub(crate) struct Flooder {
    process: Child,
    commands: ChildStdin,
    pub(crate) url: String,
}

/// The event sockets, as they are opened one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Socket {
    Floor,
    Ours,
}

/// What the server may be told to write.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Frames {
    /// The beginning of each call.
    Begin,
    /// One pass of the most frequent events.
    Chatter,
    /// The end of each call.
    End,
    /// One event that no call owns.
    Unowned,
}

impl Flooder {
    /// Starts a server of so many calls, with so many events in a pass.
    pub(crate) fn start(calls: usize, events: usize) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([SERVE, &calls.to_string(), &events.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = process.stdin.take().unwrap();
        let url = first_line(process.stdout.take().unwrap());
        Self {
            process,
            commands,
            url,
        }
    }

    /// Has these frames written to an event socket.
    pub(crate) fn write(&mut self, socket: Socket, frames: Frames) {
        writeln!(self.commands, "{} {frames:?}", socket as usize).unwrap();
    }
}

impl Drop for Flooder {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn first_line(output: ChildStdout) -> String {
    let mut line = String::new();
    io::BufReader::new(output).read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// Serves, where this program was started as the server. Returns whether it was.
pub(crate) fn serve() -> bool {
    let args: Vec<_> = std::env::args().collect();
    let [_, command, calls, events] = &args[..] else {
        return false;
    };
    if command != SERVE {
        return false;
    }
    obey(calls.parse().unwrap(), events.parse().unwrap()).unwrap();
    true
}

fn obey(calls: usize, events: usize) -> io::Result<()> {
    let begin = corpus::beginnings(calls)?;
    let chatter = corpus::chatter(calls, events)?;
    let end = corpus::ends(calls)?;
    let unowned = frame(&corpus::recorded_of_none("DeviceStateChanged")?);
    let server = Server::start(Vec::new())?;
    println!("{}", server.url());
    let mut sockets: Vec<TcpStream> = Vec::new();
    for command in io::stdin().lock().lines() {
        let command = command?;
        let (socket, frames) = command.split_once(' ').unwrap();
        let socket: usize = socket.parse().unwrap();
        while sockets.len() <= socket {
            sockets.push(server.socket()?);
        }
        let frames = match frames {
            "Begin" => &begin,
            "Chatter" => &chatter,
            "End" => &end,
            "Unowned" => &unowned,
            other => panic!("no frames are named {other}"),
        };
        sockets[socket].write_all(frames)?;
    }
    Ok(())
}
