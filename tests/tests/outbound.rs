//! The same programs, dialled by Asterisk: outbound WebSockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::path::PathBuf;
use std::time::Duration;

use ari_lab::asterisk::{Connections, MUSIC_TONE};
use ari_lab::ports::Ports;
use ari_lab::{Caller, Certificate, Lab, Program, Running, talk};
use tokio::time::{sleep, timeout};

const LONG: Duration = Duration::from_secs(15);
const LISTEN: Duration = Duration::from_secs(2);

/// An Asterisk that dials, and where.
struct House {
    lab: Lab,
    address: String,
    _ports: Ports,
}

impl House {
    async fn start(connections: Connections) -> Self {
        Self::with("ws", connections, "").await
    }

    /// `authority` signs the certificate of whom Asterisk dials by `wss`.
    async fn with(scheme: &str, connections: Connections, authority: &str) -> Self {
        let ports = Ports::lease().unwrap();
        let address = format!("127.0.0.1:{}", ports.tcp().unwrap());
        let uri = format!("{scheme}://{address}/");
        let lab = Lab::with(|asterisk| asterisk.dials(uri, connections).config("program.pem", authority));
        Self {
            lab: lab.await.unwrap(),
            address,
            _ports: ports,
        }
    }

    fn program(&self, name: &str) -> Program {
        let program = Program::binary("ari-apps", name);
        program.env("ARI_LISTEN", &self.address).env("ARI_URL", "")
    }

    /// Runs a program until it listens.
    async fn run(&self, program: Program) -> Running {
        let running = program.run(self.lab.asterisk()).await.unwrap();
        says(&running, "listening").await;
        running
    }

    /// Runs both programs with these settings, one after the other, and lets callers use them.
    async fn both_work(&self, set: impl Fn(Program) -> Program) {
        let mut conference = self.run(set(self.program("ari-conference"))).await;
        let talked = talk::conference(&self.lab).await;
        talked.unwrap_or_else(|error| panic!("{error:#}\n{}", conference.output().unwrap()));
        conference.terminate().unwrap();
        assert_eq!(conference.ended(LONG).await.unwrap(), 0);
        let echo = self.run(set(self.program("ari-echo"))).await;
        let talked = talk::echo(&self.lab).await;
        talked.unwrap_or_else(|error| panic!("{error:#}\n{}", echo.output().unwrap()));
    }
}

/// Waits until a program says this.
async fn says(program: &Running, words: &str) {
    let said = async {
        while !program.output().unwrap().contains(words) {
            sleep(Duration::from_millis(20)).await;
        }
    };
    if timeout(LONG, said).await.is_err() {
        panic!("it does not say `{words}`: {}", program.output().unwrap());
    }
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn one_lasting_connection() {
    let house = House::start(Connections::Persistent).await;
    house.both_work(|program| program).await;
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn one_lasting_connection_and_an_http_server() {
    let house = House::start(Connections::Persistent).await;
    let url = house.lab.asterisk().http_url();
    house.both_work(|program| program.env("ARI_URL", &url)).await;
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_connection_for_each_call() {
    let house = House::start(Connections::PerCall).await;
    house.both_work(|program| program).await;
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_connection_for_each_call_and_an_http_server() {
    let house = House::start(Connections::PerCall).await;
    let url = house.lab.asterisk().http_url();
    house.both_work(|program| program.env("ARI_URL", &url)).await;
    house
        .both_work(|program| program.env("ARI_URL", &url).env("ARI_REST", "auto"))
        .await;
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn encrypted_connections() {
    let certificate = Certificate::for_host("127.0.0.1").unwrap();
    let folder = std::env::temp_dir().join(format!("ari-lab-outbound-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let write = |name: &str, text: &str| -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let chain = write("chain.pem", &certificate.certificate);
    let key = write("key.pem", &certificate.key);
    for connections in [Connections::Persistent, Connections::PerCall] {
        let house = House::with("wss", connections, &certificate.authority).await;
        house
            .both_work(|program| program.env("ARI_CERT_FILE", &chain).env("ARI_KEY_FILE", &key))
            .await;
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_call_is_taken_up_when_its_program_comes_back() {
    let house = House::start(Connections::Persistent).await;
    let program = || house.program("ari-conference");
    let first = house.run(program()).await;
    let phones = house.lab.phones();
    let mut anna = phones
        .call(Caller::new("1000").named("anna").tone(440))
        .await
        .unwrap();
    sleep(LISTEN).await;
    assert!(anna.listen(LISTEN).await.unwrap().holds(MUSIC_TONE));
    first.kill().await.unwrap();

    // Who calls while nobody is there waits.
    let bert = phones.call(Caller::new("1000").named("bert").tone(620).patience(LONG));
    let second = async {
        sleep(LISTEN).await;
        house.run(program()).await
    };
    let (bert, second) = tokio::join!(bert, second);
    let mut bert = bert.unwrap_or_else(|error| panic!("{error:#}\n{}", second.output().unwrap()));
    sleep(LISTEN).await;
    let (to_anna, to_bert) = tokio::try_join!(anna.listen(LISTEN), bert.listen(LISTEN)).unwrap();
    assert!(
        to_anna.holds(620) && to_bert.holds(440),
        "{to_anna:?} {to_bert:?}\n{}",
        second.output().unwrap()
    );
    anna.hang_up().await.unwrap();
    bert.hang_up().await.unwrap();
    house.lab.asterisk().becomes_empty(LONG).await.unwrap();
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn an_asterisk_with_a_wrong_password_is_turned_away() {
    let house = House::start(Connections::Persistent).await;
    let program = house.program("ari-echo").env("ARI_PASSWORD", "wrong");
    let running = house.run(program).await;
    says(&running, "turned away with status 401").await;
    assert!(
        !running
            .output()
            .unwrap()
            .contains(house.lab.asterisk().password())
    );
}
