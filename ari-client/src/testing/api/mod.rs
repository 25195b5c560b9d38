//! The operations: which path leads where, and what each does.
//!
//! An operation reads its parameters, checks them in Asterisk's order, changes the [`World`], and replies with
//! Asterisk's status and words.

mod applications;
mod asterisk;
mod bridges;
mod channels;
mod create;
mod mailboxes;
mod params;
mod playbacks;
mod reply;

pub(crate) use params::{Body, Params, parse_query, unescape};
pub(crate) use reply::{Reply, Stop};

use super::world::World;

/// What an operation comes to: a reply, or a reason to stop early.
pub(crate) type Outcome = Result<Reply, Stop>;

type Operation = fn(&mut World, &Params) -> Outcome;

struct Route {
    method: &'static str,
    /// Segments; `*` matches any one and hands it to the operation.
    path: &'static str,
    operation: Operation,
}

const fn route(method: &'static str, path: &'static str, operation: Operation) -> Route {
    Route {
        method,
        path,
        operation,
    }
}

/// Literal segments come before `*`, which would match them too.
const ROUTES: &[Route] = &[
    route("GET", "asterisk/info", asterisk::info),
    route("GET", "asterisk/ping", asterisk::ping),
    route("GET", "asterisk/variable", asterisk::get_variable),
    route("POST", "asterisk/variable", asterisk::set_variable),
    route("POST", "events/user/*", applications::user_event),
    route("POST", "events/claim", applications::claim),
    route("GET", "applications", applications::list),
    route("GET", "applications/*", applications::get),
    route("POST", "applications/*/subscription", applications::subscribe),
    route("DELETE", "applications/*/subscription", applications::unsubscribe),
    route("PUT", "applications/*/eventFilter", applications::filter),
    route("GET", "channels", channels::list),
    route("POST", "channels", create::originate),
    route("POST", "channels/create", create::create),
    route("POST", "channels/externalMedia", create::external_media),
    route("GET", "channels/*", channels::get),
    route("POST", "channels/*", create::originate_with_id),
    route("DELETE", "channels/*", channels::hang_up),
    route("POST", "channels/*/answer", channels::answer),
    route("POST", "channels/*/continue", channels::continue_in_dialplan),
    route("POST", "channels/*/move", channels::move_to),
    route("POST", "channels/*/dial", create::dial),
    route("POST", "channels/*/ring", channels::ring),
    route("DELETE", "channels/*/ring", channels::ring_stop),
    route("POST", "channels/*/progress", channels::progress),
    route("POST", "channels/*/dtmf", channels::send_dtmf),
    route("POST", "channels/*/mute", channels::mute),
    route("DELETE", "channels/*/mute", channels::unmute),
    route("POST", "channels/*/hold", channels::hold),
    route("DELETE", "channels/*/hold", channels::unhold),
    route("POST", "channels/*/moh", channels::start_music),
    route("DELETE", "channels/*/moh", channels::stop_music),
    route("POST", "channels/*/silence", channels::start_silence),
    route("DELETE", "channels/*/silence", channels::stop_silence),
    route("POST", "channels/*/play", playbacks::play_on_channel),
    route("POST", "channels/*/play/*", playbacks::play_on_channel),
    route("GET", "channels/*/variable", channels::get_variable),
    route("POST", "channels/*/variable", channels::set_variable),
    route("POST", "channels/*/snoop", create::snoop),
    route("POST", "channels/*/snoop/*", create::snoop),
    route("GET", "bridges", bridges::list),
    route("POST", "bridges", bridges::create),
    route("GET", "bridges/*", bridges::get),
    route("POST", "bridges/*", bridges::create_with_id),
    route("DELETE", "bridges/*", bridges::destroy),
    route("POST", "bridges/*/addChannel", bridges::add_channel),
    route("POST", "bridges/*/removeChannel", bridges::remove_channel),
    route("POST", "bridges/*/moh", bridges::start_music),
    route("DELETE", "bridges/*/moh", bridges::stop_music),
    route("POST", "bridges/*/play", playbacks::play_on_bridge),
    route("POST", "bridges/*/play/*", playbacks::play_on_bridge),
    route("GET", "mailboxes", mailboxes::list),
    route("GET", "mailboxes/*", mailboxes::get),
    route("PUT", "mailboxes/*", mailboxes::update),
    route("DELETE", "mailboxes/*", mailboxes::delete),
    route("GET", "playbacks/*", playbacks::get),
    route("DELETE", "playbacks/*", playbacks::stop),
    route("POST", "playbacks/*/control", playbacks::control),
];

/// Asterisk's other operations. They are refused as not implemented, so that nobody takes them for wrong paths.
const NOT_HERE: &[&str] = &[
    "asterisk/config/*/*/*",
    "asterisk/modules",
    "asterisk/modules/*",
    "asterisk/logging",
    "asterisk/logging/*",
    "asterisk/logging/*/rotate",
    "endpoints",
    "endpoints/*",
    "endpoints/*/*",
    "endpoints/*/*/sendMessage",
    "endpoints/*/*/refer",
    "channels/*/redirect",
    "channels/*/record",
    "channels/*/variables",
    "channels/*/rtp_statistics",
    "channels/*/transfer_progress",
    "bridges/*/record",
    "bridges/*/variable",
    "bridges/*/variables",
    "bridges/*/videoSource/*",
    "recordings/stored",
    "recordings/stored/*",
    "recordings/stored/*/file",
    "recordings/stored/*/copy",
    "recordings/live/*",
    "recordings/live/*/stop",
    "recordings/live/*/pause",
    "recordings/live/*/mute",
    "sounds",
    "sounds/*",
    "deviceStates",
    "deviceStates/*",
];

/// Carries out a request.
pub(crate) fn dispatch(world: &mut World, method: &str, path: &[String], params: &Params) -> Outcome {
    if let Some(hint) = trailing_slash(path) {
        return Err(Reply::message(404, hint).into());
    }
    // Asterisk's routing stops at an empty segment: `channels//play` is `channels`.
    let path = path.split(String::is_empty).next().unwrap_or_default();
    let candidates = || ROUTES.iter().filter(|route| matches(route.path, path));
    let found = candidates().find(|route| route.method == method);
    if let Some(route) = found {
        return (route.operation)(world, &params.with_path(route.path, path));
    }
    if candidates().next().is_none() && !path.is_empty() {
        return Err(unknown(path).into());
    }
    let methods = candidates().map(|route| route.method);
    let allow = std::iter::once("OPTIONS")
        .chain(methods)
        .collect::<Vec<_>>()
        .join(",");
    let reply = if method == "OPTIONS" {
        Reply::no_content()
    } else {
        Reply::message(405, "Invalid method")
    };
    Err(reply.header("Allow", allow).into())
}

fn matches(pattern: &str, path: &[String]) -> bool {
    let mut segments = path.iter();
    pattern.split('/').all(|part| {
        segments
            .next()
            .is_some_and(|segment| part == "*" || part == segment)
    }) && segments.next().is_none()
}

fn unknown(path: &[String]) -> Reply {
    if NOT_HERE.iter().any(|pattern| matches(pattern, path)) {
        return Reply::message(501, format!("FakeAsterisk has no operation {}", path.join("/")));
    }
    Reply::message(404, "Resource not found")
}

fn trailing_slash(path: &[String]) -> Option<String> {
    match path {
        [rest @ .., last] if last.is_empty() && !rest.is_empty() && !rest.iter().any(String::is_empty) => {
            Some(format!(
                "ARI URLs do not end with a slash. Try /ari/{}",
                rest.join("/")
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::world::Sounds;

    fn status(method: &str, path: &str) -> u16 {
        let sounds = Sounds {
            durations: Default::default(),
            otherwise: Default::default(),
            missing: Vec::new(),
        };
        let path: Vec<String> = path.split('/').map(str::to_owned).collect();
        match dispatch(&mut World::new(sounds, false), method, &path, &Params::default()) {
            Ok(reply) | Err(Stop::Refused(reply)) => reply.status,
            Err(Stop::Busy) => panic!("nothing plays"),
        }
    }

    #[test]
    fn paths_and_methods_are_told_apart() {
        assert_eq!(status("GET", "channels"), 200);
        assert_eq!(status("PUT", "channels"), 405);
        assert_eq!(status("OPTIONS", "channels"), 204);
        assert_eq!(status("GET", ""), 405);
        assert_eq!(status("GET", "channels/"), 404);
        assert_eq!(status("GET", "nosuch"), 404);
        assert_eq!(status("GET", "mailboxes"), 200);
        assert_eq!(status("GET", "mailboxes/1000"), 404);
        assert_eq!(status("GET", "recordings/stored"), 501);
        assert_eq!(status("POST", "channels/x/nosuch"), 404);
        assert_eq!(
            status("GET", "channels//play"),
            200,
            "routing stops at an empty segment"
        );
        assert_eq!(status("POST", "channels/x/answer"), 404);
    }
}
