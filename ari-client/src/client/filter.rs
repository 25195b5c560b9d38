//! Event filters and the replies that travel as events.

use serde_json::Value;

use crate::request::RawRequest;

/// How a reply is called among the events.
const REPLY: &str = "RESTResponse";

/// Lets replies through an event filter that the request sets: Asterisk would drop those that come over the event socket.
pub(super) fn let_replies_pass(request: &mut RawRequest) {
    if !request.sets_filter() {
        return;
    }
    let filter = request.body.as_deref().map(serde_json::from_str::<Value>);
    let Some(Ok(mut filter)) = filter else {
        // No body resets the filter; one that is not JSON is Asterisk's to refuse.
        return;
    };
    // An empty list of what is allowed allows all.
    if let Some(allowed) = list(&mut filter, "allowed").filter(|allowed| !allowed.is_empty())
        && !allowed.iter().any(is_reply)
    {
        allowed.push(serde_json::json!({ "type": REPLY }));
    }
    if let Some(disallowed) = list(&mut filter, "disallowed") {
        disallowed.retain(|entry| !is_reply(entry));
    }
    request.body = Some(filter.to_string());
}

fn list<'f>(filter: &'f mut Value, name: &str) -> Option<&'f mut Vec<Value>> {
    filter.get_mut(name)?.as_array_mut()
}

fn is_reply(entry: &Value) -> bool {
    entry["type"] == REPLY
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::generated::applications;
    use crate::request::Operation;

    fn sent(filter: Value) -> Value {
        let mut request = applications::Filter::new("a")
            .filter(filter)
            .into_request()
            .unwrap();
        let_replies_pass(&mut request);
        serde_json::from_str(request.body.as_deref().unwrap()).unwrap()
    }

    #[test]
    fn replies_pass_every_filter() {
        let event = json!({"type": "StasisStart"});
        let reply = json!({"type": REPLY});
        assert_eq!(
            sent(json!({"allowed": [event]})),
            json!({"allowed": [event, reply]})
        );
        assert_eq!(
            sent(json!({"disallowed": [reply, event]})),
            json!({"disallowed": [event]})
        );
        let harmless = json!({"allowed": [], "disallowed": [event]});
        assert_eq!(sent(harmless.clone()), harmless);
    }

    #[test]
    fn other_requests_stay_as_they_are() {
        let mut request = applications::Get::new("a").into_request().unwrap();
        let before = request.clone();
        let_replies_pass(&mut request);
        assert_eq!(request, before);
    }
}
