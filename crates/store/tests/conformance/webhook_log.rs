//! The intake log: durable, in order, byte for byte.

use domain::Timestamp;
use store::webhook_log::{Frame, NewFrame, Portion, WebhookLog};

use crate::databases::Databases;

fn frame(posts: &[(i64, &[u8])]) -> NewFrame {
    let mut frame = NewFrame::default();
    for (at, body) in posts {
        frame.push(Timestamp(*at), body);
    }
    frame
}

#[tokio::test]
async fn what_was_appended_is_read_back_after_a_reopening() {
    for fresh in Databases::new().each().await {
        let log = WebhookLog::open(&fresh.db, &fresh.address, None)
            .await
            .unwrap();
        let first = log
            .append(frame(&[(1, b"a"), (2, b"\xff\x00b")]))
            .await
            .unwrap();
        let second = log.append(frame(&[(3, b"c")])).await.unwrap();
        assert!(second > first);
        log.close().await;

        let log = WebhookLog::open(&fresh.db, &fresh.address, None)
            .await
            .unwrap();
        let frames = log.read_after(0, 10).await.unwrap();
        assert_eq!(
            frames
                .iter()
                .map(|frame| frame.posts.len())
                .collect::<Vec<_>>(),
            [2, 1]
        );
        assert_eq!(frames[0].posts[1].body.as_ref(), b"\xff\x00b");
        assert_eq!(log.read_after(first, 10).await.unwrap().len(), 1);
        let backlog = log.backlog(first).await.unwrap();
        assert_eq!((backlog.posts, backlog.oldest), (1, Some(Timestamp(3))));
        assert_eq!(
            log.trim(first, Timestamp(100)).await.unwrap(),
            1,
            "only what is projected and old is trimmed"
        );
        assert_eq!(log.last().await.unwrap(), second);
    }
}

#[tokio::test]
async fn a_log_that_was_lost_goes_on_after_what_was_projected() {
    for fresh in Databases::new().each().await {
        let log = WebhookLog::open(&fresh.db, &fresh.address, None)
            .await
            .unwrap();
        log.begin_after(0).await.unwrap();
        log.begin_after(41).await.unwrap();
        assert_eq!(log.append(frame(&[(1, b"a")])).await.unwrap(), 42);
        log.begin_after(7).await.unwrap();
        assert_eq!(
            log.append(frame(&[(2, b"b")])).await.unwrap(),
            43,
            "positions never go back"
        );
    }
}

#[tokio::test]
async fn appending_from_many_tasks_loses_nothing() {
    for fresh in Databases::new().each().await {
        let log = WebhookLog::open(&fresh.db, &fresh.address, None)
            .await
            .unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for at in 0..50 {
            let log = log.clone();
            tasks.spawn(async move { log.append(frame(&[(at, b"x")])).await.unwrap() });
        }
        let mut positions = tasks.join_all().await;
        positions.sort_unstable();
        positions.dedup();
        assert_eq!(positions.len(), 50);
        assert_eq!(log.backlog(0).await.unwrap().posts, 50);
    }
}

#[tokio::test]
async fn what_is_taken_from_memory_is_whole_whoever_appended_in_between() {
    for fresh in Databases::new().each().await {
        let open = || WebhookLog::open(&fresh.db, &fresh.address, None);
        let (here, elsewhere) = (open().await.unwrap(), open().await.unwrap());
        let few = Portion {
            frames: 5,
            bytes: 70,
        };
        // From then on it is kept in memory.
        assert_eq!(here.take_after(0, few).await.unwrap(), (vec![], true));
        for at in 1..=40 {
            let log = if at % 7 == 3 { &elsewhere } else { &here };
            log.append(frame(&[(at, format!("post {at}").as_bytes())]))
                .await
                .unwrap();
        }
        let (mut after, mut bodies) = (0, Vec::new());
        loop {
            let (frames, is_all) = here.take_after(after, few).await.unwrap();
            let last_is_among = bodies.len() + frames.len() == 40;
            assert!(!is_all || last_is_among || after == 0, "after {after}");
            assert!(frames.len() <= 5);
            let Some(last) = frames.last() else { break };
            after = last.position;
            bodies.extend(
                frames
                    .into_iter()
                    .flat_map(|frame| frame.posts)
                    .map(|post| post.body),
            );
        }
        let wanted: Vec<_> = (1..=40).map(|at| format!("post {at}")).collect();
        assert_eq!(bodies, wanted);
        let all = Portion {
            frames: 50,
            bytes: 1 << 20,
        };
        let (again, is_all) = here.take_after(0, all).await.unwrap();
        assert!(is_all);
        assert_eq!(again.len(), 40, "what was taken stands in the log");
    }
}

#[tokio::test]
async fn a_portion_ends_with_the_frame_that_fills_it_and_in_the_end_all_are_read() {
    for fresh in Databases::new().each().await {
        let open = || WebhookLog::open(&fresh.db, &fresh.address, None);
        let (writer, reader) = (open().await.unwrap(), open().await.unwrap());
        let sizes = [100, 40, 60, 500, 30, 99, 20, 80];
        for (at, size) in (1..).zip(sizes) {
            let body = vec![b'x'; size - frame(&[(at, b"")]).size()];
            writer
                .append(frame(&[(at, body.as_slice())]))
                .await
                .unwrap();
        }
        let by_bytes: &[&[usize]] = &[&[100], &[40, 60], &[500], &[30, 99], &[20, 80]];
        let by_frames: &[&[usize]] = &[&[100, 40], &[60, 500], &[30, 99], &[20, 80], &[]];
        for (bytes, frames, wanted) in [(100, 48, by_bytes), (10_000, 2, by_frames)] {
            let portion = Portion { frames, bytes };
            let (mut after, mut portions) = (0, Vec::new());
            loop {
                let (frames, is_all) = reader.take_after(after, portion).await.unwrap();
                after = frames.last().map_or(after, |frame| frame.position);
                portions.push(frames.iter().map(Frame::size).collect::<Vec<_>>());
                if is_all {
                    break;
                }
            }
            assert_eq!(portions, wanted, "{portion:?}");
        }
    }
}
