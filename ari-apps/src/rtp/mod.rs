//! RTP (RFC 3550), as much as a program needs that is the peer of an `externalMedia` channel.
//!
//! [`Packet`] reads what came, [`Sender`] numbers and times what goes out, [`Arrivals`] tells what a packet means for
//! the stream that it is part of. None of them owns a socket or allocates.

mod arrivals;
mod format;
mod header;
mod packet;
mod sender;

pub use arrivals::{Arrival, Arrivals};
pub use format::Format;
pub use header::Header;
pub use packet::{Packet, PacketError};
pub use sender::Sender;
