//! One event socket.

use std::convert::Infallible;
use std::sync::Arc;

use fastwebsockets::{FragmentCollectorRead, Frame, OpCode, Payload, Role, WebSocket, WebSocketWrite};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{ReadHalf, WriteHalf};
use tokio::sync::mpsc;

use super::{Server, rest};
use crate::testing::world::SocketId;

/// What is to be sent.
#[derive(Debug)]
pub(in crate::testing) enum Outgoing {
    /// An event.
    Text(String),
    /// The answer to a control frame.
    Control(OpCode, Vec<u8>),
}

/// A socket whose applications are registered.
pub(super) struct Opened {
    pub(super) id: SocketId,
    /// The first of its applications.
    pub(super) application: String,
    pub(super) sender: mpsc::UnboundedSender<Outgoing>,
    pub(super) receiver: mpsc::UnboundedReceiver<Outgoing>,
}

/// Serves a socket until either side ends it.
pub(super) async fn serve(server: Arc<Server>, upgrade: OnUpgrade, opened: Opened) {
    let Opened {
        id,
        application,
        sender,
        receiver,
    } = opened;
    let cut = server.connections();
    if let Some(Ok(upgraded)) = cut.run_until_cancelled(upgrade).await {
        let socket = WebSocket::after_handshake(TokioIo::new(upgraded), Role::Server);
        let (reader, writer) = socket.split(tokio::io::split);
        let reader = FragmentCollectorRead::new(reader);
        let both = async {
            // The reader is never polled again after it lost: reading a frame is not to be interrupted.
            tokio::select! {
                () = read(&server, &application, reader, sender) => {}
                () = write(writer, receiver) => {}
            }
        };
        cut.run_until_cancelled(both).await;
    }
    server.remove_socket(id);
}

async fn write(
    mut writer: WebSocketWrite<WriteHalf<TokioIo<Upgraded>>>,
    mut queue: mpsc::UnboundedReceiver<Outgoing>,
) {
    while let Some(outgoing) = queue.recv().await {
        let (frame, last) = match outgoing {
            Outgoing::Text(text) => (Frame::text(Payload::Owned(text.into_bytes())), false),
            Outgoing::Control(opcode, payload) => (
                Frame::new(true, opcode, None, Payload::Owned(payload)),
                opcode == OpCode::Close,
            ),
        };
        if writer.write_frame(frame).await.is_err() || writer.flush().await.is_err() || last {
            return;
        }
    }
}

async fn read(
    server: &Arc<Server>,
    application: &str,
    mut reader: FragmentCollectorRead<ReadHalf<TokioIo<Upgraded>>>,
    sender: mpsc::UnboundedSender<Outgoing>,
) {
    let mut reply = |frame: Frame<'_>| {
        let _ = sender.send(Outgoing::Control(frame.opcode, frame.payload.to_vec()));
        std::future::ready(Ok::<(), Infallible>(()))
    };
    loop {
        let Ok(frame) = reader.read_frame(&mut reply).await else {
            return;
        };
        match frame.opcode {
            // The answer to it ends the writer, and with it the socket.
            OpCode::Close => std::future::pending().await,
            OpCode::Text => {
                if let Some(answer) = rest::answer(server, application, &frame.payload).await {
                    let _ = sender.send(Outgoing::Text(answer));
                }
            }
            _ => {}
        }
    }
}
