use super::*;

fn error(file: File) -> String {
    rewrite(file, &BTreeMap::new()).err().unwrap().to_string()
}

#[test]
fn what_stands_for_reqwest_does_not_stay() {
    // Paths are moved, but not within macros.
    let moved = rewrite(
        parse_quote!(
            fn f(_: reqwest::Response) {}
        ),
        &BTreeMap::new(),
    );
    assert!(moved.is_ok());
    let kept = error(parse_quote!(
        fn f() {
            println!("{}", reqwest::VERSION);
        }
    ));
    assert!(kept.contains("`reqwest` where it is not replaced"), "{kept}");
    let kept = error(parse_quote!(
        mod deep {
            fn f(client: &super::Client) -> String {
                client.baseurl.clone()
            }
        }
    ));
    assert!(kept.contains("`baseurl`"), "{kept}");
}

#[test]
fn a_path_has_a_name_and_a_value_for_each_gap() {
    let path = "/channels/{channelId}/rtp/{id}";
    let filled = named("/channels/{}/rtp/{}", path, 2);
    assert_eq!(filled.as_deref(), Some(path));
    assert_eq!(named("/channels/{}/rtp/{}", path, 1), None);
    assert_eq!(named("/channels/{}/rtp/{}", "/channels/{channelId}/rtp", 2), None);
    assert_eq!(named("/channels/{}/rtp", path, 2), None);
}
