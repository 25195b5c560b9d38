use super::*;

use crate::conference::{MusicClass, Sound};

const EXAMPLE: &str = include_str!("../../../rooms.toml");

fn place(rooms: &Rooms, extension: &str, caller: &str) -> Option<(String, Profile)> {
    rooms
        .place(extension, caller)
        .map(|place| (place.conference, Profile::clone(&place.profile)))
}

#[test]
fn the_example_says_what_its_comments_say() {
    let rooms = Rooms::parse(EXAMPLE).unwrap();
    let of = |extension, caller| place(&rooms, extension, caller);
    let name = |extension, caller| of(extension, caller).map(|(name, _)| name);
    let (sales, one) = of("100", "+49301234").unwrap();
    assert_eq!(sales, "customer_one/sales");
    assert_eq!(one.max_members.unwrap().get(), 10);
    assert_eq!(one.music, MusicClass::NONE);
    assert_eq!(one.join_sound, Sound::uri("sound:beep"));
    assert_eq!(name("100", "+49891234"), None, "both must match");
    let (by_extension, two) = of("2042", "").unwrap();
    assert_eq!(by_extension, "customer_two/2042");
    assert!(two.mute_on_entry && two.max_members.is_none());
    assert_eq!(of("345", ""), Some(("default/345".into(), Profile::default())));
    assert_eq!(name("600", "+49301234"), None);
}

#[test]
fn the_first_room_that_matches_counts() {
    let text = "[[rooms]]\ncaller = '_+49.'\nname = 'a'\n[[rooms]]\nextension = '_X.'";
    let rooms = Rooms::parse(text).unwrap();
    assert_eq!(place(&rooms, "100", "+49").unwrap().0, "default/100");
    assert_eq!(place(&rooms, "100", "+491").unwrap().0, "default/a");
}

#[test]
fn what_the_file_says_of_the_default_profile_holds() {
    let text = "[profiles.default]\nmusic = 'jazz'\njoin_sound = false\n[[rooms]]\nextension = '1'";
    let (_, profile) = place(&Rooms::parse(text).unwrap(), "1", "").unwrap();
    assert_eq!(
        (profile.music, profile.join_sound),
        (MusicClass::named("jazz"), Sound::NONE)
    );
}

#[test]
fn without_a_file_each_extension_is_a_conference() {
    assert_eq!(
        place(&Rooms::default(), "*1", ""),
        Some(("default/*1".into(), Profile::default()))
    );
}

/// What is said of a text, with its place.
fn complaint(text: &str) -> String {
    let (offset, problem) = Rooms::parse(text).unwrap_err();
    assert!(!problem.contains('\n'), "{problem}");
    format!("{}: {problem}", Position::of(offset, text))
}

#[test]
fn each_mistake_is_told_with_its_place() {
    const ROOM: &str = "[[rooms]]\nextension = '1'\n";
    for (text, expected) in [
        ("", "1:1: no [[rooms]]: no call could be taken"),
        (
            "[[rooms]]\nextnsion = '1'",
            "2:1: unknown field `extnsion`, expected one of",
        ),
        (
            "[rums]\n",
            "1:2: unknown field `rums`, expected `profiles` or `rooms`",
        ),
        (
            "[profiles.a]\nmusik = false\n",
            "2:1: unknown field `musik`, expected one of",
        ),
        (
            "[profiles.a]\nmax_members = 'ten'\n",
            "2:15: invalid type: string \"ten\", expected",
        ),
        (
            "[profiles.a]\nmax_members = 0\n",
            "2:15: invalid value: integer `0`, expected",
        ),
        (
            "[profiles.a]\nmax_members = -1\n",
            "2:15: invalid value: integer `-1`, expected",
        ),
        (
            "[profiles.a]\nmute_on_entry = 1\n",
            "2:17: invalid type: integer `1`, expected a boolean",
        ),
        (
            "[profiles.a]\nmusic = true\n",
            "2:9: invalid value: boolean `true`, expected a music class such as",
        ),
        (
            "[profiles.a]\nmusic = ''\n",
            "2:9: invalid value: string \"\", expected a music class such as",
        ),
        (
            "[profiles.a]\nmusic = 1\n",
            "2:9: invalid type: integer `1`, expected a music class such as",
        ),
        (
            "[profiles.a]\njoin_sound = 'beep'\n",
            "2:14: `beep` is not a media URI such as \"sound:beep\", or false",
        ),
        ("[profiles.a]\n[profiles.a]\n", "2:11: duplicate key"),
        ("[profiles.a]\nmusic = false\nmusic = 'x'\n", "3:1: duplicate key"),
        (
            "[[rooms]]\nname = 'x'\n",
            "1:1: a room needs an `extension`, a `caller`, or both",
        ),
        (
            "[[rooms]]\nextension = '1'\nname = ''\n",
            "3:8: the name is empty",
        ),
        (
            "[[rooms]]\nextension = '_[12'\n",
            "2:13: extension pattern `_[12`: a `[` needs",
        ),
        (
            "[[rooms]]\nextension = 100\n",
            "2:13: invalid type: integer `100`, expected a string",
        ),
        (
            "[[rooms]]\nextension = '1'\nprofile = 'a'\n",
            "3:11: unknown profile `a`, known are default",
        ),
        ("[[rooms]]\nextension = '1\n", "2:15: invalid literal string"),
        (
            &format!("{ROOM}\n{ROOM}"),
            "4:1: this room takes the same calls as the one on line 1",
        ),
        (
            "rooms = 7\n",
            "1:9: invalid type: integer `7`, expected a sequence",
        ),
    ] {
        let complaint = complaint(text);
        assert!(
            complaint.starts_with(expected),
            "\n{text}\n{complaint}\n{expected}"
        );
    }
}

#[test]
fn an_error_on_line_12_is_told_with_the_name_of_the_file() {
    let text = EXAMPLE.replacen("max_members = 10 ", "max_memmbers = 10", 1);
    let (line, _) = text
        .lines()
        .enumerate()
        .find(|(_, line)| line.starts_with("max_memmbers"))
        .unwrap();
    let padding = "\n".repeat(11 - line.min(11));
    let folder = std::env::temp_dir().join(format!("ari-apps-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("rooms.toml");
    fs::write(&file, padding + &text).unwrap();
    let error = Rooms::read(&file).unwrap_err().to_string();
    fs::remove_dir_all(&folder).unwrap();
    let expected = format!("{}:12:1: unknown field `max_memmbers`", file.display());
    assert!(error.starts_with(&expected), "{error}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = ari_client::Failure::from(Rooms::read(Path::new("no-such-rooms.toml")).unwrap_err());
    assert_eq!(
        error.to_string(),
        "no-such-rooms.toml: No such file or directory (os error 2)"
    );
}

#[test]
fn columns_count_characters() {
    assert_eq!(
        Position::of("ü = 1\nää".len(), "ü = 1\nää = 2").to_string(),
        "2:3"
    );
}
