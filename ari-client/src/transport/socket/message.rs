//! Puts messages together that come in fragments. Asterisk sends none; a proxy may.

use fastwebsockets::{Frame, OpCode, WebSocketError};

/// The fragments of a text that is not complete yet.
#[derive(Debug)]
pub(super) struct Fragments {
    /// The longest text that is accepted, in bytes.
    largest: usize,
    text: Option<Vec<u8>>,
}

impl Fragments {
    pub(super) fn new(largest: usize) -> Self {
        Self { largest, text: None }
    }

    /// Takes a frame that belongs to a fragmented text, and returns the text when it is complete.
    pub(super) fn add(&mut self, frame: &Frame<'_>) -> Result<Option<Vec<u8>>, WebSocketError> {
        let mut text = match (frame.opcode, self.text.take()) {
            (OpCode::Continuation, Some(text)) => text,
            (OpCode::Continuation, None) => return Err(WebSocketError::InvalidContinuationFrame),
            (_, None) => Vec::new(),
            (_, Some(_)) => return Err(WebSocketError::InvalidFragment),
        };
        if text.len() + frame.payload.len() >= self.largest {
            return Err(WebSocketError::FrameTooLarge);
        }
        text.extend_from_slice(&frame.payload);
        if frame.fin {
            return Ok(Some(text));
        }
        self.text = Some(text);
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use fastwebsockets::Payload;

    use super::*;

    fn frame(fin: bool, opcode: OpCode, text: &str) -> Frame<'_> {
        Frame::new(fin, opcode, None, Payload::Borrowed(text.as_bytes()))
    }

    #[test]
    fn fragments_become_one_text() {
        let mut fragments = Fragments::new(100);
        for _ in 0..2 {
            assert!(
                fragments
                    .add(&frame(false, OpCode::Text, "{\"a"))
                    .unwrap()
                    .is_none()
            );
            assert!(
                fragments
                    .add(&frame(false, OpCode::Continuation, "\":"))
                    .unwrap()
                    .is_none()
            );
            let text = fragments.add(&frame(true, OpCode::Continuation, "1}")).unwrap();
            assert_eq!(text.unwrap(), br#"{"a":1}"#);
        }
    }

    #[test]
    fn their_sum_is_bounded_and_their_order_is_that_of_the_rfc() {
        let add = |frames: &[Frame<'_>]| {
            let mut fragments = Fragments::new(6);
            let results: Result<Vec<_>, _> = frames.iter().map(|frame| fragments.add(frame)).collect();
            results.unwrap_err()
        };
        let first = || frame(false, OpCode::Text, "abc");
        assert!(matches!(
            add(&[first(), frame(false, OpCode::Continuation, "def")]),
            WebSocketError::FrameTooLarge
        ));
        assert!(matches!(
            add(&[frame(true, OpCode::Continuation, "a")]),
            WebSocketError::InvalidContinuationFrame
        ));
        assert!(matches!(
            add(&[first(), first()]),
            WebSocketError::InvalidFragment
        ));
    }
}
