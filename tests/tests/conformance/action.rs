//! What a step of a script asks for.

use anyhow::{Result, bail};

/// What is done in a step. People and event sockets are told by their names.
#[derive(Debug, PartialEq)]
pub(crate) enum Action {
    /// `METHOD /path?query {"body"}`: sends a request.
    Request {
        method: String,
        target: String,
        body: Option<String>,
    },
    /// `login NAME PASSWORD`: sends the requests from now on with these credentials.
    Login { user: String, password: String },
    /// `connect APP`, `connect APP?query`, `connect APP as SOCKET`: opens an event socket.
    Connect { app: String, socket: String },
    /// `close SOCKET`: closes it.
    Close(String),
    /// `call PERSON EXTENSION`: a person calls.
    Call { person: String, extension: String },
    /// `press PERSON KEYS`: a person in a call presses keys.
    Press { person: String, keys: String },
    /// `hangup PERSON`: a person hangs up, or gives up a call that was not answered.
    HangUp(String),
    /// `answered PERSON`: waits until the call of a person is answered.
    Answered(String),
    /// `refused PERSON`: waits until the call of a person is refused, and tells the Q.850 cause.
    Refused(String),
    /// `over PERSON`: waits until the call of a person is over.
    Over(String),
    /// `whole`: shows whole objects from now on, not only what tells them apart.
    Whole,
}

impl Action {
    pub(crate) fn parse(line: &str) -> Result<Self> {
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        let own = |word: &str| word.to_owned();
        Ok(match *words {
            [method, target, ref body @ ..] if target.starts_with('/') => Self::Request {
                method: own(method),
                target: own(target),
                body: body.first().map(|body| own(body)),
            },
            ["login", user, password] => Self::Login {
                user: own(user),
                password: own(password),
            },
            ["connect", app, socket] if socket.starts_with("as ") => Self::Connect {
                app: own(app),
                socket: own(&socket[3..]),
            },
            ["connect", app] => Self::Connect {
                app: own(app),
                socket: own(app.split('?').next().unwrap_or(app)),
            },
            ["close", socket] => Self::Close(own(socket)),
            ["call", person, extension] => Self::Call {
                person: own(person),
                extension: own(extension),
            },
            ["press", person, keys] => Self::Press {
                person: own(person),
                keys: own(keys),
            },
            ["hangup", person] => Self::HangUp(own(person)),
            ["answered", person] => Self::Answered(own(person)),
            ["refused", person] => Self::Refused(own(person)),
            ["over", person] => Self::Over(own(person)),
            ["whole"] => Self::Whole,
            _ => bail!("no such step"),
        })
    }
}
