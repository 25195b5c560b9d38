//! What a transport must know of single operations, and no specification says.

use std::borrow::Cow;

use serde_json::Value;

use super::{Method, RawRequest};
use crate::id::ObjectKind;

/// The operations that the channel's own thread carries out before Asterisk answers, by their paths; `*` is an id.
/// All others only look, or queue what is to be done.
const WAITING: &[&[&str]] = &[
    &["channels", "*", "answer"],
    &["channels", "*", "variable"],
    &["channels", "*", "variables"],
    &["bridges", "*", "addChannel"],
    &["bridges", "*", "removeChannel"],
    &["bridges", "*", "videoSource", "*"],
];

impl RawRequest {
    /// Whether the answer waits until the channel has ended what occupies it, such as a playback or a recording: as
    /// long as that takes, and without a limit on Asterisk's side.
    pub(crate) fn waits(&self) -> bool {
        self.method == Method::Post && WAITING.iter().any(|path| self.goes_to(path))
    }

    /// Whether the answer may take long, because it waits for a channel, is a file, or a module is loaded first.
    pub(crate) fn takes_long(&self) -> bool {
        let loads = self.method != Method::Get && self.goes_to(&["asterisk", "modules", "*"]);
        self.waits() || self.brings_file() || loads
    }

    /// Whether the answer is a file, and so cannot come as text. ARI `recordings.getStoredFile`.
    fn brings_file(&self) -> bool {
        self.method == Method::Get && self.goes_to(&["recordings", "stored", "*", "file"])
    }

    /// Whether the request sets an application's event filter. ARI `applications.filter`.
    pub(crate) fn sets_filter(&self) -> bool {
        self.method == Method::Put && self.goes_to(&["applications", "*", "eventFilter"])
    }

    /// The channels whose threads carry the request out before Asterisk answers.
    pub(crate) fn awaited_channels(&self) -> Vec<Cow<'_, str>> {
        if !self.waits() {
            return Vec::new();
        }
        match &*self.path[0] {
            "channels" => vec![Cow::Borrowed(&*self.path[1])],
            // `videoSource/{channel}`
            _ if self.path.len() > 3 => vec![Cow::Borrowed(&*self.path[3])],
            _ => self.listed("channel"),
        }
    }

    /// The channel that the request occupies until what it starts is over, and what that is: a playback or a recording.
    /// One without an id of ours cannot be told.
    pub(crate) fn occupies(&self) -> Option<(&str, ObjectKind, &str)> {
        let on_channel = self.method == Method::Post && self.path.first()? == "channels";
        let starts = matches!(self.path.get(2).map(|verb| &**verb), Some("play" | "record"));
        if !(on_channel && starts) {
            return None;
        }
        let (kind, id) = self
            .creates
            .iter()
            .find(|(kind, _)| matches!(kind, ObjectKind::Playback | ObjectKind::Recording))?;
        Some((&self.path[1], *kind, id))
    }

    /// A parameter that is a text, wherever it travels.
    pub(crate) fn given(&self, name: &str) -> Option<Cow<'_, str>> {
        if let Some(value) = self.in_query(name) {
            return Some(Cow::Borrowed(value));
        }
        match self.in_body(name)? {
            Value::String(text) => Some(Cow::Owned(text)),
            _ => None,
        }
    }

    /// The items of a parameter that is a list, wherever it travels.
    pub(crate) fn listed(&self, name: &str) -> Vec<Cow<'_, str>> {
        if let Some(items) = self.in_query(name) {
            return items.split(',').map(Cow::Borrowed).collect();
        }
        let text = |item| match item {
            Value::String(text) => Some(Cow::Owned(text)),
            _ => None,
        };
        match self.in_body(name) {
            Some(Value::Array(items)) => items.into_iter().filter_map(text).collect(),
            one => one.and_then(text).into_iter().collect(),
        }
    }

    fn in_query(&self, name: &str) -> Option<&str> {
        let (_, value) = self.query.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    fn in_body(&self, name: &str) -> Option<Value> {
        let mut body: Value = serde_json::from_str(self.body.as_deref()?).ok()?;
        body.get_mut(name).map(Value::take)
    }

    /// Whether the request's path is `path`, in which `*` is any segment.
    fn goes_to(&self, path: &[&str]) -> bool {
        let same = |(asked, known): (&_, &&str)| *known == "*" || asked == known;
        self.path.len() == path.len() && self.path.iter().zip(path).all(same)
    }
}

#[cfg(test)]
mod tests {
    use crate::generated::{asterisk, bridges, channels, recordings};
    use crate::request::{Method, Operation, RawRequest};

    fn waits(operation: impl Operation) -> bool {
        operation.into_request().unwrap().waits()
    }

    #[test]
    fn what_the_channel_itself_carries_out_waits_for_it() {
        assert!(waits(channels::Answer::new("c1")));
        assert!(waits(channels::SetChannelVar::new("c1", "X").value("1")));
        assert!(waits(channels::SetChannelVars::new("c1", [("X", "1")])));
        assert!(waits(bridges::AddChannel::new("b1", ["c1"])));
        assert!(waits(bridges::RemoveChannel::new("b1", ["c1"])));
        assert!(waits(bridges::SetVideoSource::new("b1", "c1")));
    }

    #[test]
    fn what_is_queued_or_only_looked_at_does_not() {
        assert!(!waits(channels::GetChannelVar::new("c1", "X")));
        assert!(!waits(channels::Play::new("c1", ["sound:beep"])));
        assert!(!waits(channels::ContinueInDialplan::new("c1")));
        assert!(!waits(channels::Hangup::new("c1")));
        assert!(!waits(bridges::SetBridgeVar::new("b1", "X").value("1")));
        assert!(!waits(bridges::ClearVideoSource::new("b1")));
    }

    #[test]
    fn modules_and_files_take_their_time() {
        let takes_long = |request: crate::error::Result<RawRequest>| request.unwrap().takes_long();
        assert!(takes_long(asterisk::ReloadModule::new("res_ari").into_request()));
        assert!(takes_long(recordings::GetStoredFile::new("a").into_request()));
        assert!(takes_long(channels::Answer::new("c1").into_request()));
        assert!(!takes_long(asterisk::GetModule::new("res_ari").into_request()));
        assert!(!takes_long(recordings::GetStored::new("a").into_request()));
        assert!(!takes_long(channels::Hangup::new("c1").into_request()));
    }

    #[test]
    fn a_parameter_is_found_wherever_it_travels() {
        let request = || RawRequest::new("mine", Method::Post, ["channels"]);
        let long = channels::OriginateWithId::new("c1", "Local/1@x").app_args("x".repeat(8_000));
        let long = long.into_request().unwrap();
        assert!(long.body.is_some() && long.query.is_empty());
        for there in [request().with_query("endpoint", "Local/1@x"), long] {
            assert_eq!(there.given("endpoint").unwrap(), "Local/1@x");
            assert_eq!(there.subject().unwrap(), "Local/1@x");
        }
        for there in [
            request().with_query("channel", "a,b"),
            request().with_body(r#"{"channel": ["a", "b"]}"#),
        ] {
            assert_eq!(there.listed("channel"), ["a", "b"]);
        }
        assert_eq!(
            request().with_body(r#"{"channel": "a"}"#).listed("channel"),
            ["a"]
        );
        assert_eq!(request().given("endpoint"), None);
    }

    #[test]
    fn a_raw_request_is_known_by_its_path() {
        let raw = RawRequest::new("mine", Method::Post, ["channels", "answer", "answer"]);
        assert!(raw.waits());
    }
}
