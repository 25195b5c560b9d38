//! Several services in one program, on one and on two real Asterisks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use ari_client::prelude::*;
use ari_lab::{Asterisk, Caller, Lab, Phone, Program, Running};
use http::{Method, StatusCode};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

const LONG: Duration = Duration::from_secs(15);
const SHORT: Duration = Duration::from_secs(1);

/// Behind Stasis the dialplan goes on: busy, cause 17, tells that a call was continued there.
const RECEPTION: &str = "[default]
exten => _X!,1,Stasis(reception)
 same => n,Hangup(17)
";

async fn registered(server: &Asterisk, application: &str) {
    let path = format!("/ari/applications/{application}");
    let end = Instant::now() + LONG;
    while server.request(Method::GET, &path).await.unwrap().status != StatusCode::OK {
        assert!(Instant::now() < end, "{application} was not registered");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until there are so many channels and bridges. What a phone knows to be over is so at the server a moment later.
async fn has(server: &Asterisk, wanted: (usize, usize)) {
    let end = Instant::now() + LONG;
    loop {
        let there = server.channels_and_bridges().await.unwrap();
        if there == wanted {
            return;
        }
        assert!(
            Instant::now() < end,
            "{there:?} channels and bridges, not {wanted:?}"
        );
        sleep(Duration::from_millis(50)).await;
    }
}

async fn two_applications(lab: &Lab) -> Running {
    let program = Program::example("two_applications")
        .run(lab.asterisk())
        .await
        .unwrap();
    for application in ["reception", "support"] {
        registered(lab.asterisk(), application).await;
    }
    program
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn one_signal_drains_two_applications_and_the_next_hangs_up() {
    let lab = Lab::with(|asterisk| asterisk.dialplan(RECEPTION)).await.unwrap();
    let mut program = two_applications(&lab).await;
    let call = |name: &'static str| lab.phones().call(Caller::new("1").named(name));
    let (mut anna, mut bert) = (call("anna").await.unwrap(), call("bert").await.unwrap());
    sleep(SHORT).await;
    anna.press("1").await.unwrap();
    // Anna is in support's queue.
    has(lab.asterisk(), (2, 1)).await;

    program.terminate().unwrap();
    sleep(SHORT).await;
    let mut late = lab.phones().dial(Caller::new("1").named("late")).await.unwrap();
    assert_eq!(late.ended(LONG).await.unwrap(), 17, "a new call is taken");
    assert_eq!(program.code().unwrap(), None, "{}", program.output().unwrap());
    has(lab.asterisk(), (2, 1)).await;

    program.terminate().unwrap();
    assert_eq!(anna.ended(LONG).await.unwrap(), 16);
    assert_eq!(bert.ended(LONG).await.unwrap(), 16);
    assert_eq!(
        program.ended(LONG).await.unwrap(),
        0,
        "{}",
        program.output().unwrap()
    );
    lab.asterisk().becomes_empty(LONG).await.unwrap();
}

fn service(server: &Asterisk) -> ari_client::Service<impl Application> {
    let ari = Ari::builder(server.http_url()).credentials(server.username(), server.password());
    ari.build()
        .unwrap()
        .service("EVERYTHING", |call: Call| async move {
            call.answer().await?;
            let room = call.room("the same name").await?;
            room.add(&call).await?;
            call.ended().await;
            Ok(())
        })
}

async fn call(lab: &Lab, hertz: u32) -> Phone {
    let caller = Caller::new("1000").named("caller").tone(hertz);
    lab.phones().call(caller).await.unwrap()
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn one_program_serves_two_asterisks_and_leaves_both_together() {
    let (berlin, vienna) = tokio::try_join!(Lab::start(), Lab::start()).unwrap();
    let services = [service(berlin.asterisk()), service(vienna.asterisk())];
    let mut status = [services[0].status(), services[1].status()];
    let (stop, stopped) = oneshot::channel::<()>();
    let [first, second] = services;
    let all = Services::new().with(first).with(second).stop_when(async {
        let _ = stopped.await;
    });
    let task = tokio::spawn(all.run());
    for status in &mut status {
        drop(
            timeout(LONG, status.wait_for(Status::takes_calls))
                .await
                .unwrap()
                .unwrap(),
        );
    }
    let mut anna = call(&berlin, 440).await;
    let mut bert = call(&berlin, 620).await;
    let mut carl = call(&vienna, 350).await;
    sleep(SHORT).await;
    let heard = anna.listen(2 * SHORT).await.unwrap();
    assert!(heard.holds(620) && heard.lacks(350), "{heard:?}");
    for (lab, both) in [(&berlin, (2, 1)), (&vienna, (1, 1))] {
        has(lab.asterisk(), both).await;
    }

    stop.send(()).unwrap();
    sleep(SHORT).await;
    for phone in [&mut anna, &mut bert, &mut carl] {
        assert!(!task.is_finished(), "it ended with calls");
        phone.hang_up().await.unwrap();
    }
    timeout(LONG, task).await.unwrap().unwrap().unwrap();
    for lab in [&berlin, &vienna] {
        lab.asterisk().becomes_empty(LONG).await.unwrap();
    }
}
