//! The RTP peer: sends each packet back.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::UdpSocket;
use tracing::{debug, trace};

use crate::rtp::{Arrival, Arrivals, Format, Header, Packet, Sender};

/// Room for the largest datagram that an Ethernet frame carries, and then some.
const DATAGRAM: usize = 2048;

/// A UDP socket that sends sound back to whoever sends it: one for each call.
#[derive(Debug)]
pub(super) struct Loopback {
    socket: UdpSocket,
    format: Format,
}

impl Loopback {
    /// Takes a free port of `address`.
    pub(super) async fn bind(address: IpAddr, format: Format) -> io::Result<Self> {
        let socket = UdpSocket::bind(SocketAddr::new(address, 0)).await?;
        Ok(Self { socket, format })
    }

    pub(super) fn port(&self) -> io::Result<u16> {
        Ok(self.socket.local_addr()?.port())
    }

    /// Sends back what comes, at once, until it is dropped. Fails if the socket does.
    pub(super) async fn run(self) -> io::Result<std::convert::Infallible> {
        let mut buffer = [0; DATAGRAM];
        let mut turn = Turn::new(self.format);
        let mut length = self.meet(&mut buffer).await?;
        loop {
            if let Some(reply) = turn.around(&mut buffer, length) {
                // A full send buffer or a closed port loses a packet, as any network may.
                if let Err(error) = self.socket.send(reply).await {
                    trace!(%error, "a packet was lost on its way back");
                }
            }
            length = self.receive(&mut buffer).await?;
        }
    }

    /// Waits for the first packet, and from then on talks to its sender only: symmetric RTP.
    async fn meet(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let (length, peer) = self.socket.recv_from(buffer).await?;
            match Packet::parse(&buffer[..length]) {
                Ok(packet) if packet.header.payload_type == self.format.payload_type() => {
                    self.socket.connect(peer).await?;
                    debug!(%peer, "sound comes in");
                    return Ok(length);
                }
                Ok(packet) => trace!(%peer, payload_type = packet.header.payload_type, "ignored"),
                Err(error) => trace!(%peer, %error, "ignored"),
            }
        }
    }

    async fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.socket.recv(buffer).await {
                // What an earlier send met; the peer may be back, and the call's end will tell if it is not.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                result => return result,
            }
        }
    }
}

/// Turns packets around, in the place where they lie.
struct Turn {
    format: Format,
    arrivals: Arrivals,
    sender: Sender,
}

impl Turn {
    fn new(format: Format) -> Self {
        Self {
            format,
            arrivals: Arrivals::default(),
            sender: Sender::new(format),
        }
    }

    /// Makes the packet that goes back, or nothing where none does.
    fn around<'b>(&mut self, buffer: &'b mut [u8], length: usize) -> Option<&'b [u8]> {
        let Packet { header, payload } = Packet::parse(&buffer[..length]).ok()?;
        // Digits come as packets of a type of their own, and are not sound.
        if header.payload_type != self.format.payload_type() || payload.is_empty() {
            return None;
        }
        let ticks = self.format.ticks(payload.len());
        match self.arrivals.take(&header, ticks) {
            Arrival::Next => {}
            Arrival::After(silence) => self.sender.skip(silence),
            Arrival::Late => return None,
        }
        let start = payload.start - Header::LENGTH;
        buffer[start..payload.start].copy_from_slice(&self.sender.header(ticks).to_bytes());
        Some(&buffer[start..payload.end])
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const PATIENCE: Duration = Duration::from_secs(5);

    struct Peer {
        socket: UdpSocket,
        sender: Sender,
    }

    impl Peer {
        async fn new(port: u16) -> Self {
            let socket = UdpSocket::bind((LOCALHOST, 0)).await.unwrap();
            socket.connect((LOCALHOST, port)).await.unwrap();
            Self {
                socket,
                sender: Sender::new(Format::Ulaw),
            }
        }

        async fn send(&mut self, payload: &[u8]) -> Header {
            let header = self.sender.header(160);
            self.socket
                .send(&[&header.to_bytes(), payload].concat())
                .await
                .unwrap();
            header
        }

        async fn receive(&self) -> (Header, Vec<u8>) {
            let mut buffer = [0; DATAGRAM];
            let length = timeout(PATIENCE, self.socket.recv(&mut buffer))
                .await
                .unwrap()
                .unwrap();
            let packet = Packet::parse(&buffer[..length]).unwrap();
            (packet.header, buffer[packet.payload].to_vec())
        }

        async fn hears_nothing(&self) {
            let silence = timeout(Duration::from_millis(100), self.socket.recv(&mut [0; DATAGRAM])).await;
            // A stranger may be told that nobody listens.
            assert!(!matches!(silence, Ok(Ok(_))), "{silence:?}");
        }
    }

    async fn loopback() -> u16 {
        let loopback = Loopback::bind(LOCALHOST, Format::Ulaw).await.unwrap();
        let port = loopback.port().unwrap();
        tokio::spawn(loopback.run());
        port
    }

    #[tokio::test]
    async fn sound_comes_back_in_a_stream_of_its_own() {
        let mut peer = Peer::new(loopback().await).await;
        let sent = peer.send(&[1; 160]).await;
        let (first, payload) = peer.receive().await;
        assert_eq!(payload, [1; 160]);
        assert!(first.marker);
        assert_ne!(first.ssrc, sent.ssrc);
        peer.send(&[2; 160]).await;
        let (second, payload) = peer.receive().await;
        assert_eq!(payload, [2; 160]);
        let expected = Header {
            marker: false,
            sequence: first.sequence.wrapping_add(1),
            timestamp: first.timestamp.wrapping_add(160),
            ..first
        };
        assert_eq!(second, expected);
    }

    #[tokio::test]
    async fn what_is_no_sound_stays_unanswered_and_does_no_harm() {
        let mut peer = Peer::new(loopback().await).await;
        let digit = Header {
            payload_type: 101,
            ..peer.sender.header(160)
        };
        for noise in [
            &b""[..],
            b"hello",
            &[0x80, 200, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
            &digit.to_bytes(),
        ] {
            peer.socket.send(noise).await.unwrap();
        }
        peer.hears_nothing().await;
        peer.send(&[3; 160]).await;
        assert_eq!(peer.receive().await.1, [3; 160]);
        peer.socket.send(&digit.to_bytes()).await.unwrap();
        peer.hears_nothing().await;
    }

    #[tokio::test]
    async fn only_the_first_peer_is_answered() {
        let port = loopback().await;
        let mut peer = Peer::new(port).await;
        peer.send(&[1; 160]).await;
        peer.receive().await;
        let mut stranger = Peer::new(port).await;
        stranger.send(&[9; 160]).await;
        stranger.hears_nothing().await;
        peer.send(&[2; 160]).await;
        assert_eq!(peer.receive().await.1, [2; 160]);
    }

    #[tokio::test]
    async fn a_peer_that_was_gone_for_a_moment_is_answered_again() {
        let mut peer = Peer::new(loopback().await).await;
        peer.send(&[1; 160]).await;
        let address = peer.socket.local_addr().unwrap();
        peer.receive().await;
        peer.send(&[2; 160]).await;
        let port = peer.socket.peer_addr().unwrap();
        drop(peer.socket); // the reply to the second packet meets a closed port
        tokio::time::sleep(Duration::from_millis(50)).await;
        peer.socket = UdpSocket::bind(address).await.unwrap();
        peer.socket.connect(port).await.unwrap();
        peer.send(&[3; 160]).await;
        assert_eq!(peer.receive().await.1, [3; 160]);
    }

    #[test]
    fn extensions_go_and_silence_stays() {
        let mut turn = Turn::new(Format::Alaw);
        let mut incoming = Sender::new(Format::Alaw);
        let mut buffer = [0; DATAGRAM];
        let mut pass = |turn: &mut Turn, header: Header| {
            let mut datagram = header.to_bytes().to_vec();
            datagram[0] |= 0x10;
            datagram.extend_from_slice(b"\xbe\xde\x00\x01extssound");
            buffer[..datagram.len()].copy_from_slice(&datagram);
            let back = turn.around(&mut buffer, datagram.len())?.to_vec();
            assert_eq!(&back[Header::LENGTH..], b"sound");
            Some(Packet::parse(&back).unwrap().header)
        };
        let first = pass(&mut turn, incoming.header(5)).unwrap();
        let late = incoming.header(5);
        incoming.skip(400);
        let second = pass(&mut turn, incoming.header(5)).unwrap();
        assert!(second.marker, "sound begins again");
        assert_eq!(second.sequence, first.sequence.wrapping_add(1));
        assert_eq!(second.timestamp, first.timestamp.wrapping_add(410));
        assert_eq!(pass(&mut turn, late), None);
    }
}
