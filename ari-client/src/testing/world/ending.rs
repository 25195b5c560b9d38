//! How calls end.

/// What happened to a far end, kept when its channel is gone.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) answered: bool,
    pub(crate) ending: Option<Ending>,
    pub(crate) heard: Vec<String>,
}

/// How a call left Stasis.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// It was hung up.
    #[non_exhaustive]
    HungUp {
        /// Who hung up.
        by: HungUpBy,
        /// The Q.850 cause, such as 16 for a normal end or 17 for busy.
        cause: u16,
    },
    /// The application let it go on in the dialplan.
    #[non_exhaustive]
    Continued {
        /// The dialplan context.
        context: String,
        /// The extension.
        extension: String,
        /// The priority.
        priority: i64,
    },
    /// No application of that name was connected: the dialplan went on without one.
    NotTaken,
    /// Another channel took its place, as in an attended transfer.
    #[non_exhaustive]
    Replaced {
        /// The id of the channel that did.
        by: String,
    },
}

/// Who ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HungUpBy {
    /// The application, by a request.
    Application,
    /// The far end: the person at the phone, or the network.
    FarEnd,
}

/// A hangup being done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hangup {
    pub(crate) by: HungUpBy,
    pub(crate) cause: u16,
    /// The SIP status that came with it.
    pub(crate) tech_cause: Option<u16>,
}

impl Hangup {
    /// The SIP status that goes with the end of a channel: the one that came, or the one that Asterisk would send.
    pub(super) fn sip_status(self) -> Option<u16> {
        self.tech_cause.or(Some(match self.cause {
            1 => 404,
            17 => 486,
            18 => 408,
            19 | 31 => 480,
            21 => 403,
            28 => 484,
            34 => 503,
            38 | 127 => 500,
            58 => 488,
            _ => return None,
        }))
    }

    /// A normal end that nobody in particular asked for.
    pub(super) const NORMAL: Self = Self {
        by: HungUpBy::FarEnd,
        cause: 16,
        tech_cause: None,
    };
}

impl From<Hangup> for Ending {
    fn from(hangup: Hangup) -> Self {
        Self::HungUp {
            by: hangup.by,
            cause: hangup.cause,
        }
    }
}

/// Asterisk's words for a Q.850 cause.
pub(super) fn cause_text(cause: u16) -> &'static str {
    match cause {
        1 => "Unallocated (unassigned) number",
        16 => "Normal Clearing",
        17 => "User busy",
        18 => "No user responding",
        19 => "User alerting, no answer",
        21 => "Call Rejected",
        34 => "Circuit/channel congestion",
        127 => "Interworking, unspecified",
        _ => "Unknown",
    }
}
