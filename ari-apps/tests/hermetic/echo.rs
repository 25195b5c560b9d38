//! The echo, on a fake Asterisk that sends real RTP.

use std::net::UdpSocket;

use ari_apps::echo::Echo;
use ari_apps::rtp::{Format, Packet, Sender};
use ari_client::testing::{Caller, Ending};

use crate::house::{APP, House, within};

/// Waits until caller and program are in one bridge, and tells the id of the program's channel.
async fn media_channel(house: &House, caller: &Caller) -> String {
    within(async {
        loop {
            let bridges = house.asterisk.bridges();
            let members = bridges
                .into_iter()
                .map(|bridge| bridge.channels)
                .find(|channels| channels.len() == 2);
            if let Some(members) = members {
                assert!(members.iter().any(|member| member == caller.channel_id()));
                return members
                    .into_iter()
                    .find(|member| member != caller.channel_id())
                    .unwrap();
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await
}

#[tokio::test]
async fn sound_comes_back_and_nothing_is_left() {
    let house = House::open(Echo::new()).await;
    let caller = house.asterisk.call("600").place(APP).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    let channel = media_channel(&house, &caller).await;
    let media = house.asterisk.media_socket(&channel).unwrap().unwrap();
    let mut sender = Sender::new(Format::Ulaw);
    for sound in [[7; 160], [9; 160]] {
        media
            .send(&[&sender.header(160).to_bytes()[..], &sound].concat())
            .await
            .unwrap();
        let datagram = media.receive().await.unwrap();
        let packet = Packet::parse(&datagram).unwrap();
        assert_eq!(datagram[packet.payload], sound);
        assert_ne!(packet.header.ssrc, sender.header(0).ssrc);
    }
    let program = media.peer().unwrap();
    assert!(UdpSocket::bind(program).is_err(), "the program has that port");
    caller.hang_up().await;
    house.asterisk.wait_until_idle().await.unwrap();
    // Whoever is next may have the port.
    within(async {
        while UdpSocket::bind(program).is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await;
    house.close().await;
}

#[tokio::test]
async fn each_digit_is_said_to_the_caller() {
    let house = House::open(Echo::new()).await;
    let caller = house.asterisk.call("600").place(APP).await.unwrap();
    let media = media_channel(&house, &caller).await;
    caller.press("5*#").await;
    caller.wait_until_heard("digits:#").await.unwrap();
    assert_eq!(caller.heard(), ["digits:5", "digits:*", "digits:#"]);
    let played_to_others = house
        .asterisk
        .playbacks()
        .into_iter()
        .any(|playback| playback.target.contains(&media));
    assert!(!played_to_others);
    caller.hang_up().await;
    house.close().await;
}

#[tokio::test]
async fn the_call_ends_when_the_media_channel_does() {
    let house = House::open(Echo::new()).await;
    let caller = house.asterisk.call("600").place(APP).await.unwrap();
    let media = media_channel(&house, &caller).await;
    house.asterisk.far_end(&media).unwrap().hang_up().await;
    let ending = caller.wait_until_gone().await.unwrap();
    assert!(matches!(ending, Ending::HungUp { .. }), "{ending:?}");
    house.close().await;
}

#[tokio::test]
async fn callers_who_hang_up_at_any_moment_leave_nothing() {
    let house = House::open(Echo::new()).await;
    for delay in 0..20 {
        let caller = house.asterisk.call("600").place(APP).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(delay)).await;
        caller.hang_up().await;
    }
    house.close().await;
}
