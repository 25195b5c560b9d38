//! Time grows with the input, not with its square.

use std::hint::black_box;

use ari_client::request::RawResponse;
use ari_client::rt::Peek;
use ari_client::{Event, EventType};

use crate::pace::{grows_evenly, many};
use crate::properties::reply::{Decoder, decoders};

/// What it is, how many of it take time enough to be measured, and how to make so many.
type Shape = (&'static str, usize, Box<dyn Fn(usize) -> String>);

/// Members of an object that are long, many or deep.
fn shapes() -> Vec<Shape> {
    vec![
        (
            "unknown fields",
            1_000,
            Box::new(|count| many(count, |at| format!("\"unknown {at}\":{at}"))),
        ),
        (
            "one name many times",
            1_000,
            Box::new(|count| many(count, |_| "\"a\":1".to_owned())),
        ),
        (
            "nesting",
            5_000,
            Box::new(|depth| format!("\"a\":{}{}", "[".repeat(depth), "]".repeat(depth))),
        ),
        (
            "nested objects",
            2_000,
            Box::new(|depth| format!("\"a\":{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth))),
        ),
        (
            "escapes",
            4_000,
            Box::new(|count| format!("\"application\":\"{}\"", r"\u00e9\n".repeat(count))),
        ),
        (
            "a long text",
            20_000,
            Box::new(|count| format!("\"application\":\"{}\"", "x".repeat(count))),
        ),
        (
            "a long list",
            12_500,
            Box::new(|count| format!("\"args\":[{}]", many(count, |at| format!("\"{at}\"")))),
        ),
        (
            "a long unknown list",
            12_500,
            Box::new(|count| format!("\"a\":[{}]", many(count, |_| "{}".to_owned()))),
        ),
        (
            "many variables",
            1_000,
            Box::new(|count| {
                let variables = many(count, |at| format!("\"{at}\":\"x\""));
                format!("\"channel\":{{\"id\":\"a\",\"channelvars\":{{{variables}}}}}")
            }),
        ),
        (
            "a long number",
            10_000,
            Box::new(|count| format!("\"a\":{}", "1".repeat(count))),
        ),
        (
            "broken at the end",
            4_000,
            Box::new(|count| format!("\"a\":[{},", many(count, |_| "1".to_owned()))),
        ),
    ]
}

#[test]
fn events_and_what_routing_reads_of_them() {
    for event_type in [
        EventType::StasisStart,
        EventType::ChannelUserevent,
        EventType::Unknown,
    ] {
        for (what, count, member) in shapes() {
            let make = |count| format!("{{\"type\":\"{}\",{}}}", event_type.name(), member(count));
            let decode = |frame: &String| drop(black_box(Event::decode(frame.clone().into())));
            grows_evenly(what, count, make, decode);
            let peek = |frame: &String| {
                let _ = black_box(serde_json::from_str::<Peek<'_>>(frame));
            };
            grows_evenly(what, count, make, peek);
        }
    }
}

#[test]
fn replies() {
    let reads = [
        "channels.get",
        "channels.list",
        "applications.get",
        "bridges.getBridgeVars",
        "recordings.getStoredFile",
    ];
    for Decoder { name, decode, .. } in decoders() {
        if !reads.contains(&name) {
            continue;
        }
        for (what, count, member) in shapes() {
            for status in [200, 404] {
                let make = |count| match name {
                    "channels.list" => format!("[{{{}}}]", member(count)),
                    _ => format!("{{\"message\":\"x\",{}}}", member(count)),
                };
                let read = |body: &String| drop(black_box(decode(RawResponse::new(status, body.clone()))));
                grows_evenly(&format!("{name}: {what}"), count, make, read);
            }
        }
        let rows = |count| format!("[{}]", many(count, |at| format!("{{\"id\":\"{at}\"}}")));
        let read = |body: &String| drop(black_box(decode(RawResponse::new(200, body.clone()))));
        grows_evenly("rows", 2_000, rows, read);
    }
}
