//! The conference, on a fake Asterisk.

use std::time::Duration;

use ari_apps::conference::{Conference, MusicClass, Profile, Rooms, Sound};
use ari_client::testing::{BridgeSnapshot, Caller, Ending, HungUpBy};
use tokio::time::sleep;

use crate::house::{APP, House, within};

impl House {
    async fn dials(&self, extension: &str) -> Caller {
        self.asterisk.call(extension).place(APP).await.unwrap()
    }

    /// Who dialled `extension`, once in the conference.
    async fn member(&self, extension: &str) -> Caller {
        let caller = self.dials(extension).await;
        caller.wait_until_bridged().await.unwrap();
        caller
    }

    fn room(&self, name: &str) -> Option<BridgeSnapshot> {
        self.asterisk
            .bridges()
            .into_iter()
            .find(|bridge| bridge.name == name)
    }

    /// Waits until the music of a room plays, or does not.
    async fn wait_for_music(&self, name: &str, wanted: bool) {
        within(async {
            while self.room(name).is_none_or(|room| room.music != wanted) {
                sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }
}

async fn house(change: impl FnOnce(&mut Profile)) -> House {
    let mut profile = Profile::default();
    change(&mut profile);
    House::open(Conference::new(Rooms::all(profile))).await
}

/// How a call ends that the application hung up.
fn is_hung_up_by_us(ending: &Ending, wanted: i64) -> bool {
    matches!(ending, Ending::HungUp { by: HungUpBy::Application, cause, .. } if i64::from(*cause) == wanted)
}

#[tokio::test]
async fn who_dials_the_same_extension_meets_and_others_do_not() {
    let house = house(|_| {}).await;
    let (anna, bert, carl) = (
        house.member("1000").await,
        house.member("1000").await,
        house.member("2000").await,
    );
    for (name, members) in [
        ("default/1000", vec![&anna, &bert]),
        ("default/2000", vec![&carl]),
    ] {
        let room = house.room(name).unwrap();
        let expected: Vec<&str> = members.into_iter().map(Caller::channel_id).collect();
        assert_eq!(
            (room.kind.as_str(), room.channels),
            ("mixing", expected.into_iter().map(Into::into).collect())
        );
    }
    for caller in [anna, bert, carl] {
        caller.wait_until_heard("sound:beep").await.unwrap();
        caller.hang_up().await;
    }
    house.close().await;
}

#[tokio::test]
async fn music_plays_to_who_is_alone() {
    let house = house(|_| {}).await;
    let anna = house.member("1000").await;
    house.wait_for_music("default/1000", true).await;
    let bert = house.member("1000").await;
    house.wait_for_music("default/1000", false).await;
    anna.hang_up().await;
    house.wait_for_music("default/1000", true).await;
    bert.hang_up().await;
    house.close().await;
}

#[tokio::test]
async fn without_music_and_sound_it_is_quiet() {
    let house = house(|profile| {
        profile.music = MusicClass::NONE;
        profile.join_sound = Sound::NONE;
    })
    .await;
    let anna = house.member("1000").await;
    anna.press("*1").await;
    anna.wait_until_heard("sound:conf-muted").await.unwrap();
    assert_eq!(anna.heard(), ["sound:conf-muted"]);
    assert!(!house.room("default/1000").unwrap().music);
    assert!(
        !house
            .asterisk
            .requests()
            .iter()
            .any(|request| request.path.ends_with("/moh"))
    );
    anna.hang_up().await;
    house.close().await;
}

#[tokio::test]
async fn star_one_mutes_and_unmutes() {
    let house = house(|_| {}).await;
    let (anna, bert) = (house.member("1000").await, house.member("1000").await);
    assert!(!anna.channel().unwrap().muted_in);
    anna.press("1*2*1").await;
    anna.wait_until_heard("sound:conf-muted").await.unwrap();
    assert!(anna.channel().unwrap().muted_in);
    assert!(!anna.channel().unwrap().muted_out && !bert.channel().unwrap().muted_in);
    anna.press("*1").await;
    anna.wait_until_heard("sound:conf-unmuted").await.unwrap();
    assert!(!anna.channel().unwrap().muted_in);
    assert!(
        !bert.heard().iter().any(|sound| sound.starts_with("sound:conf-")),
        "it is said to her alone"
    );
    anna.hang_up().await;
    bert.hang_up().await;
    house.close().await;
}

#[tokio::test]
async fn members_may_be_muted_when_they_join() {
    let house = house(|profile| profile.mute_on_entry = true).await;
    let anna = house.member("1000").await;
    assert!(anna.channel().unwrap().muted_in);
    anna.wait_until_heard("sound:conf-muted").await.unwrap();
    assert_eq!(anna.heard(), ["sound:beep", "sound:conf-muted"]);
    anna.press("*1").await;
    anna.wait_until_heard("sound:conf-unmuted").await.unwrap();
    assert!(!anna.channel().unwrap().muted_in);
    anna.hang_up().await;
    house.close().await;
}

#[tokio::test]
async fn hash_leaves_with_a_goodbye() {
    let house = house(|_| {}).await;
    let (anna, bert) = (house.member("1000").await, house.member("1000").await);
    anna.press("#").await;
    let ending = anna.wait_until_gone().await.unwrap();
    assert!(is_hung_up_by_us(&ending, 16), "{ending:?}");
    assert_eq!(anna.heard().last().unwrap(), "sound:vm-goodbye");
    assert!(bert.ending().is_none());
    assert_eq!(house.room("default/1000").unwrap().channels, [bert.channel_id()]);
    bert.press("*1#").await;
    bert.wait_until_gone().await.unwrap();
    house.close().await;
}

#[tokio::test]
async fn a_full_conference_refuses() {
    let house = house(|profile| profile.max_members = 2.try_into().ok()).await;
    let (anna, bert) = (house.member("1000").await, house.member("1000").await);
    let carl = house.dials("1000").await;
    let ending = carl.wait_until_gone().await.unwrap();
    assert!(is_hung_up_by_us(&ending, 16), "{ending:?}");
    assert_eq!(carl.heard(), ["sound:conf-full"]);
    anna.hang_up().await;
    anna.wait_until_gone().await.unwrap();
    house.wait_for_music("default/1000", true).await;
    let dora = house.member("1000").await;
    for caller in [bert, dora] {
        caller.hang_up().await;
    }
    house.close().await;
}

#[tokio::test]
async fn a_call_that_no_room_takes_is_not_answered() {
    let folder = std::env::temp_dir().join(format!("ari-apps-conference-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("rooms.toml");
    std::fs::write(&file, "[[rooms]]\ncaller = '_+4930.'\nname = 'sales'\n").unwrap();
    let house = House::open(Conference::new(Rooms::read(&file).unwrap())).await;
    std::fs::remove_dir_all(&folder).unwrap();
    let anna = house
        .asterisk
        .call("1000")
        .caller("+49301")
        .place(APP)
        .await
        .unwrap();
    anna.wait_until_bridged().await.unwrap();
    assert!(house.room("default/sales").is_some());
    let bert = house
        .asterisk
        .call("1000")
        .caller("+49891")
        .place(APP)
        .await
        .unwrap();
    let ending = bert.wait_until_gone().await.unwrap();
    assert!(is_hung_up_by_us(&ending, 1), "{ending:?}");
    assert!(
        !house
            .asterisk
            .requests()
            .iter()
            .any(|request| { request.path.contains(bert.channel_id()) && request.path.ends_with("/answer") })
    );
    anna.hang_up().await;
    house.close().await;
}

#[tokio::test]
async fn who_takes_over_a_call_by_transfer_is_not_muted() {
    let house = house(|_| {}).await;
    let anna = house.member("1000").await;
    anna.press("*1").await;
    anna.wait_until_heard("sound:conf-muted").await.unwrap();
    let bert = anna.transferred_to("1002").await.unwrap();
    bert.wait_until_bridged().await.unwrap();
    bert.press("*1").await;
    bert.wait_until_heard("sound:conf-muted").await.unwrap();
    assert!(bert.channel().unwrap().muted_in);
    bert.hang_up().await;
    house.close().await;
}

#[tokio::test]
async fn who_hangs_up_at_any_moment_leaves_nothing() {
    let house = house(|_| {}).await;
    for delay in 0..20 {
        let caller = house.dials("1000").await;
        sleep(Duration::from_millis(delay)).await;
        caller.hang_up().await;
    }
    house.close().await;
}
