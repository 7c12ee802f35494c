//! A disk without room for the intake log: Meta is told to come again, and nothing that was acknowledged is missing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use testkit::TestDatabase;

use crate::calm::calm;
use crate::evidence::Evidence;
use crate::stage::{APP_SECRET, ASK, Stage, Wishes};
use crate::traffic::{Promises, inbound};

/// Room for a fresh log and a little more.
const SMALL: &str = "size=1m";
const LARGE: &str = "size=64m";
/// Far more than fits.
const POSTS: u64 = 2_000;

/// A file system of its own in memory; goes with this value.
struct Disk(PathBuf);

impl Disk {
    /// `None`, said aloud, where one may not mount.
    fn small(folder: &Path) -> Option<Self> {
        let disk = Self(folder.to_owned());
        if disk.mount(&["-t", "tmpfs", "-o", SMALL, "tmpfs"]) {
            return Some(disk);
        }
        println!("SKIPPED: a small disk cannot be mounted here (that takes root)");
        std::mem::forget(disk);
        None
    }

    fn mount(&self, arguments: &[&str]) -> bool {
        let status = Command::new("mount")
            .args(arguments)
            .arg(&self.0)
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    }

    fn grow(&self) {
        let options = format!("remount,{LARGE}");
        assert!(
            self.mount(&["-o", &options]),
            "the disk cannot be made larger"
        );
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_makes_meta_come_again_and_loses_nothing() {
    full_disk(None).await;
}

/// Mostly it is one disk. What cannot be told then must not end the worker that would tell it.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_on_which_the_program_cannot_tell_of_it_loses_nothing_either() {
    full_disk(Some(PathBuf::from("/dev/full"))).await;
}

async fn full_disk(log: Option<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::small(folder.path()) else {
        return;
    };
    let wishes = Wishes {
        intake: Some(folder.path().join("intake.db")),
        log,
        ..Wishes::default()
    };
    let stage = Stage::set(TestDatabase::sqlite(), 1, wishes).await;
    let mut program = stage.start().await;
    let tenants = [stage.tenant(0, ASK, None).await];
    let mut promises = Promises::default();
    let mut refused = Vec::new();
    for n in 0..POSTS {
        let wamid = format!("wamid.FULL{n:06}");
        let body = inbound(&tenants[0].number, n % 50, std::slice::from_ref(&wamid));
        match post(&stage, &body).await {
            200 => promises.acked.push((0, wamid)),
            503 => refused.push((wamid, body)),
            other => panic!("a webhook was answered {other}"),
        }
        if refused.len() > 20 {
            break;
        }
    }
    assert!(
        refused.len() > 20,
        "{} POSTs fitted on a disk of {SMALL}",
        promises.acked.len()
    );
    program.must_run();
    let before = promises.acked.len();
    disk.grow();
    let begun = Instant::now();
    for (wamid, body) in refused {
        loop {
            match post(&stage, &body).await {
                200 => break promises.acked.push((0, wamid)),
                503 => {}
                other => panic!("a webhook was answered {other}"),
            }
            assert!(
                begun.elapsed() < Duration::from_secs(10),
                "there is room again, and webhooks are still refused\n{}",
                program.last_words()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    // Whether what was promised before is there is seen best by who reads it from the disk.
    program.kill();
    let program = stage.start().await;
    calm(&stage).await;
    let evidence = Evidence::gather(&stage, &tenants).await;
    evidence.nothing_received_is_lost_or_double(&promises);
    evidence.the_books_agree_with_the_log(promises.acked.len() as u64);
    println!(
        "{before} acked until the disk was full, {} in all",
        promises.acked.len()
    );
    drop(program);
    stage.strike().await;
}

async fn post(stage: &Stage, body: &[u8]) -> u16 {
    let url = format!("{}/webhooks/meta", stage.base(stage.port));
    let answer = stage
        .http
        .post(url)
        .header("x-hub-signature-256", sim::sign(APP_SECRET, body))
        .body(body.to_vec())
        .send()
        .await;
    answer.unwrap().status().as_u16()
}
