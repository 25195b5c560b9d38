//! Whether a decoded value still has all that came over the wire.

use serde_json::{Number, Value};

/// What `raw` has and `ours` lacks: a line for each field.
///
/// A field that is `null` is the same as none. Numbers are equal by value, however written. What `ours` has on top, such as
/// the default of a field that did not come, is no loss.
pub fn losses(raw: &Value, ours: &Value) -> Vec<String> {
    let mut losses = Vec::new();
    compare("", raw, ours, &mut losses);
    losses
}

fn compare(path: &str, raw: &Value, ours: &Value, losses: &mut Vec<String>) {
    match (raw, ours) {
        (Value::Object(raw), Value::Object(ours)) => {
            for (key, value) in raw.iter().filter(|(_, value)| !value.is_null()) {
                let path = format!("{path}.{key}");
                compare(&path, value, ours.get(key).unwrap_or(&Value::Null), losses);
            }
        }
        (Value::Array(raw), Value::Array(ours)) if raw.len() == ours.len() => {
            for (index, (raw, ours)) in raw.iter().zip(ours).enumerate() {
                compare(&format!("{path}[{index}]"), raw, ours, losses);
            }
        }
        (Value::Number(raw), Value::Number(ours)) if same(raw, ours) => {}
        (raw, ours) if raw == ours => {}
        (raw, Value::Null) => losses.push(format!("{path} is lost: {raw}")),
        (raw, ours) => losses.push(format!("{path} was {raw} and became {ours}")),
    }
}

/// Integers are compared as such: not all of them fit into a float.
fn same(raw: &Number, ours: &Number) -> bool {
    raw == ours || ((raw.is_f64() || ours.is_f64()) && raw.as_f64() == ours.as_f64())
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
    fn neighbouring_integers_are_not_the_same() {
        let (raw, ours) = (json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992_u64));
        assert_eq!(
            losses(&raw, &ours),
            [" was 9007199254740993 and became 9007199254740992"]
        );
        assert!(losses(&raw, &raw).is_empty());
        assert_eq!(losses(&json!(-1), &json!(u64::MAX)).len(), 1);
    }

    #[test]
    fn only_a_field_may_be_null() {
        assert_eq!(losses(&json!([null]), &json!([7])), ["[0] was null and became 7"]);
        assert_eq!(losses(&json!(null), &json!({})), [" was null and became {}"]);
        assert!(losses(&json!({"a": null}), &json!({"a": 7})).is_empty());
    }

    #[test]
    fn a_reply_without_a_body_is_nothing_and_nothing_else_is() {
        assert!(losses(&Value::Null, &json!(null)).is_empty());
        assert_eq!(losses(&json!({"a": 1}), &json!(null)), [" is lost: {\"a\":1}"]);
    }
}
