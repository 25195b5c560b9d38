//! Names as words, which each backend spells in its own way.

/// Names whose words run together on the wire.
pub(crate) const RUN_TOGETHER: [(&str, &str); 10] = [
    ("rtpstatistics", "rtp statistics"),
    ("RTPstat", "rtp stat"),
    ("INUSE", "in use"),
    ("NOT_INUSE", "not in use"),
    ("RINGINUSE", "ring in use"),
    ("ONHOLD", "on hold"),
    ("audiosocket", "audio socket"),
    ("websocket", "web socket"),
    ("*", "star"),
    ("#", "hash"),
];

/// A name, in lower-case words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name(Vec<String>);

impl Name {
    /// The words of a name in camel case, snake case, upper case or any mixture of them.
    ///
    /// There may be none, as in `+`: [`is_empty`](Self::is_empty) tells.
    pub(crate) fn new(wire: &str) -> Self {
        match RUN_TOGETHER.iter().find(|(known, _)| *known == wire) {
            Some((_, words)) => Self(words.split(' ').map(str::to_owned).collect()),
            None => Self(split(wire)),
        }
    }

    /// This name and then `other`, without the words that one ends and the other begins with.
    pub(crate) fn join(&self, other: &Self) -> Self {
        let shared = (0..=self.0.len().min(other.0.len()))
            .rev()
            .find(|count| self.0.ends_with(&other.0[..*count]))
            .unwrap_or(0);
        Self(self.0.iter().chain(&other.0[shared..]).cloned().collect())
    }

    /// Whether the name has no word that could begin an identifier.
    pub(crate) fn is_empty(&self) -> bool {
        !self
            .0
            .first()
            .is_some_and(|word| word.starts_with(|first: char| first.is_ascii_lowercase()))
    }

    /// `caller_id`
    pub(crate) fn snake(&self) -> String {
        self.0.join("_")
    }

    /// `CallerId`
    pub(crate) fn pascal(&self) -> String {
        self.0.iter().map(|word| capitalized(word)).collect()
    }

    /// The name of one item, for a name in the plural.
    pub(crate) fn singular(&self) -> Self {
        let mut words = self.0.clone();
        if let Some(last) = words.last_mut()
            && let Some(singular) = last.strip_suffix('s')
            && !singular.is_empty()
        {
            *last = singular.to_owned();
        }
        Self(words)
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

fn split(wire: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in wire.split(|separator: char| !separator.is_ascii_alphanumeric()) {
        let letters: Vec<char> = part.chars().collect();
        let mut word = String::new();
        for (at, letter) in letters.iter().enumerate() {
            if at > 0 && begins_word(letters[at - 1], *letter, letters.get(at + 1).copied()) {
                words.push(std::mem::take(&mut word));
            }
            word.push(letter.to_ascii_lowercase());
        }
        words.push(word);
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A capital begins a word after a small letter, and after a capital if a small letter follows: `RESTRequest`.
fn begins_word(before: char, letter: char, after: Option<char>) -> bool {
    let small = |letter: char| letter.is_ascii_lowercase();
    letter.is_ascii_uppercase() && (!before.is_ascii_uppercase() || after.is_some_and(small))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelt(wire: &str) -> (String, String) {
        let name = Name::new(wire);
        (name.snake(), name.pascal())
    }

    #[test]
    fn every_mixture_of_cases_is_split_into_words() {
        for (wire, snake, pascal) in [
            ("callerId", "caller_id", "CallerId"),
            ("transfer_progress", "transfer_progress", "TransferProgress"),
            ("sendDTMF", "send_dtmf", "SendDtmf"),
            ("absorbDTMF", "absorb_dtmf", "AbsorbDtmf"),
            (
                "RESTQueryStringParameter",
                "rest_query_string_parameter",
                "RestQueryStringParameter",
            ),
            ("DialplanCEP", "dialplan_cep", "DialplanCep"),
            ("RTPstat", "rtp_stat", "RtpStat"),
            ("rtpstatistics", "rtp_statistics", "RtpStatistics"),
            ("Dialing Offhook", "dialing_offhook", "DialingOffhook"),
            ("Pre-ring", "pre_ring", "PreRing"),
            ("NOT_INUSE", "not_in_use", "NotInUse"),
            ("*", "star", "Star"),
        ] {
            assert_eq!(spelt(wire), (snake.to_owned(), pascal.to_owned()), "{wire}");
        }
    }

    #[test]
    fn joining_shares_the_words_in_common() {
        let join = |a: &str, b: &str| Name::new(a).join(&Name::new(b)).pascal();
        assert_eq!(join("Bridge", "bridge_type"), "BridgeType");
        assert_eq!(join("Channel", "state"), "ChannelState");
        assert_eq!(join("DeviceState", "state"), "DeviceState");
    }

    #[test]
    fn the_singular_of_a_plural_is_a_name_still() {
        for (plural, singular) in [("variables", "variable"), ("field", "field"), ("s", "s")] {
            assert_eq!(Name::new(plural).singular().snake(), singular);
        }
    }

    #[test]
    fn names_whose_words_run_together_occur() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/asterisk-22");
        let files = std::fs::read_dir(folder).unwrap();
        let text: String = files
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect();
        for (wire, _) in RUN_TOGETHER {
            assert!(text.contains(&format!("\"{wire}\"")), "{wire}");
        }
    }

    #[test]
    fn a_name_without_letters_is_empty() {
        assert!(Name::new("+").is_empty());
        assert!(Name::new("3pcc").is_empty());
        assert!(!Name::new("#").is_empty());
    }
}
