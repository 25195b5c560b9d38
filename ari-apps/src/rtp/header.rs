//! The fixed part of an RTP packet.

/// The header of an RTP packet, without what may follow it: contributing sources and an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The first packet after a silence, for audio.
    pub marker: bool,
    /// What is in the packet: 0 is ulaw, 8 alaw.
    pub payload_type: u8,
    /// Counts packets.
    pub sequence: u16,
    /// When the first sample was taken, in ticks of the format's clock.
    pub timestamp: u32,
    /// The stream that the packet belongs to.
    pub ssrc: u32,
}

impl Header {
    /// The length of a header without contributing sources, in bytes.
    pub const LENGTH: usize = 12;

    /// The header as bytes: version 2, no padding, no extension, no contributing sources.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[0] = 2 << 6;
        bytes[1] = u8::from(self.marker) << 7 | self.payload_type & 0x7f;
        bytes[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes[8..].copy_from_slice(&self.ssrc.to_be_bytes());
        bytes
    }
}
