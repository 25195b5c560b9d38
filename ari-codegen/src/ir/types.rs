//! The specification's names of types.

use super::Type;

/// The type called `text`, or `None` where it is neither a simple one, nor a model for `is_model`, nor a list of one
/// of these.
pub(crate) fn parse(text: &str, is_model: &dyn Fn(&str) -> bool) -> Option<Type> {
    match text.strip_prefix("List[").and_then(|rest| rest.strip_suffix(']')) {
        Some(item) => single(item, is_model).map(|item| Type::List(Box::new(item))),
        None => single(text, is_model),
    }
}

fn single(text: &str, is_model: &dyn Fn(&str) -> bool) -> Option<Type> {
    Some(match text {
        "string" => Type::Text,
        // `int` is wider than 32 bits in RTP statistics.
        "int" | "long" => Type::Integer,
        "double" | "float" => Type::Float,
        "boolean" => Type::Boolean,
        "Date" => Type::Timestamp,
        "object" => Type::Object,
        model if is_model(model) => Type::Model(model.to_owned()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_models_and_simple_types() {
        let model = |name: &str| name == "Channel";
        assert_eq!(
            parse("List[Channel]", &model),
            Some(Type::List(Box::new(Type::Model("Channel".into()))))
        );
        assert_eq!(
            parse("List[object]", &model),
            Some(Type::List(Box::new(Type::Object)))
        );
        assert_eq!(parse("long", &model), Some(Type::Integer));
        assert_eq!(parse("List[Chanel]", &model), None);
        assert_eq!(parse("Strng", &model), None);
        assert_eq!(
            parse(&("List[".repeat(100_000) + &"]".repeat(100_000)), &model),
            None
        );
    }
}
