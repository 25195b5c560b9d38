//! Whether a decoded value still has all that came over the wire.

use serde_json::Value;

/// What `raw` has and `ours` lacks: a line for each field.
///
/// A raw `null` is the same as nothing. Numbers are equal by value, however written. What `ours` has on top, such as
/// the default of a field that did not come, is no loss.
pub(super) fn losses(raw: &Value, ours: &Value) -> Vec<String> {
    let mut losses = Vec::new();
    compare("", raw, ours, &mut losses);
    losses
}

fn compare(path: &str, raw: &Value, ours: &Value, losses: &mut Vec<String>) {
    match (raw, ours) {
        (Value::Null, _) => {}
        (Value::Object(raw), Value::Object(ours)) => {
            for (key, value) in raw {
                let path = format!("{path}.{key}");
                compare(&path, value, ours.get(key).unwrap_or(&Value::Null), losses);
            }
        }
        (Value::Array(raw), Value::Array(ours)) if raw.len() == ours.len() => {
            for (index, (raw, ours)) in raw.iter().zip(ours).enumerate() {
                compare(&format!("{path}[{index}]"), raw, ours, losses);
            }
        }
        (Value::Number(raw), Value::Number(ours)) if raw.as_f64() == ours.as_f64() => {}
        (raw, ours) if raw == ours => {}
        (raw, Value::Null) => losses.push(format!("{path} is lost: {raw}")),
        (raw, ours) => losses.push(format!("{path} was {raw} and became {ours}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_all_there_is_no_loss() {
        let raw = json!({"a": 1, "b": [{"c": "x", "d": null}], "e": null});
        let ours = json!({"a": 1.0, "b": [{"c": "x"}], "f": "default"});
        assert!(losses(&raw, &ours).is_empty());
    }

    #[test]
    fn each_loss_is_named_by_its_path() {
        let raw = json!({"a": {"b": 1}, "c": [{"d": "x"}], "e": [1, 2], "f": "y"});
        let ours = json!({"a": {}, "c": [{}], "e": [1], "f": "z"});
        assert_eq!(
            losses(&raw, &ours),
            [
                ".a.b is lost: 1",
                ".c[0].d is lost: \"x\"",
                ".e was [1,2] and became [1]",
                ".f was \"y\" and became \"z\""
            ]
        );
    }

    #[test]
    fn a_reply_without_a_body_is_nothing_and_nothing_else_is() {
        assert!(losses(&Value::Null, &json!(null)).is_empty());
        assert_eq!(losses(&json!({"a": 1}), &json!(null)), [" is lost: {\"a\":1}"]);
    }
}
