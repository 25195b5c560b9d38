//! What the payload of a packet is.

/// An audio format that an `externalMedia` channel can have, with its fixed payload type (RFC 3551).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// G.711 µ-law.
    Ulaw,
    /// G.711 A-law.
    Alaw,
}

impl Format {
    /// The format's name in Asterisk.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ulaw => "ulaw",
            Self::Alaw => "alaw",
        }
    }

    /// The payload type on the wire.
    #[must_use]
    pub fn payload_type(self) -> u8 {
        match self {
            Self::Ulaw => 0,
            Self::Alaw => 8,
        }
    }

    /// How many ticks of the format's clock a payload of so many bytes lasts.
    #[must_use]
    pub fn ticks(self, bytes: usize) -> u32 {
        match self {
            // 8000 Hz, a byte for a sample.
            Self::Ulaw | Self::Alaw => u32::try_from(bytes).unwrap_or(u32::MAX),
        }
    }
}
