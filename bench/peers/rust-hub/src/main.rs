//! A broadcast server as many write it in Rust: tokio-tungstenite, a bounded queue a client, PUBLISH of Redis behind it.
//! `rust-hub REDIS_URL CHANNEL,CHANNEL…` prints the port it listens on. A client asks for `/?channels=CHANNEL,CHANNEL…`.
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_local};
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// A client this many messages behind is dropped.
const QUEUE: usize = 4_096;

type Error = Box<dyn std::error::Error>;

struct Subscriber {
    id: u64,
    queue: mpsc::Sender<Utf8Bytes>,
}

type Hub = Rc<RefCell<HashMap<String, Vec<Subscriber>>>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let (Some(redis_url), Some(channels)) = (arguments.next(), arguments.next()) else {
        return Err("rust-hub REDIS_URL CHANNEL,CHANNEL…".into());
    };
    LocalSet::new().run_until(serve(redis_url, channels)).await
}

async fn serve(redis_url: String, channels: String) -> Result<(), Error> {
    let hub = Hub::default();
    let mut pubsub = redis::Client::open(redis_url)?.get_async_pubsub().await?;
    for channel in channels.split(',') {
        pubsub.subscribe(channel).await?;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening {}", listener.local_addr()?.port());
    spawn_local(accept(listener, hub.clone()));
    let mut messages = pubsub.on_message();
    while let Some(message) = messages.next().await {
        let text = Utf8Bytes::from(message.get_payload::<String>()?);
        if let Some(subscribers) = hub.borrow_mut().get_mut(message.get_channel_name()) {
            subscribers.retain(|subscriber| subscriber.queue.try_send(text.clone()).is_ok());
        }
    }
    Err("Redis closed the subscription".into())
}

async fn accept(listener: TcpListener, hub: Hub) {
    let mut id = 0;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                id += 1;
                spawn_local(follow(stream, id, hub.clone()));
            }
            Err(error) => eprintln!("accept: {error}"),
        }
    }
}

/// One client, until it leaves. What waits is written with one flush.
async fn follow(stream: TcpStream, id: u64, hub: Hub) {
    let mut channels = Vec::new();
    let read_channels =
        |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
            let query = request.uri().query().unwrap_or_default();
            let names = query.strip_prefix("channels=").unwrap_or_default();
            channels.extend(names.split(',').map(str::to_owned));
            Ok(response)
        };
    let _ = stream.set_nodelay(true);
    let Ok(socket) = accept_hdr_async(stream, read_channels).await else {
        return;
    };
    let (queue, mut waiting) = mpsc::channel(QUEUE);
    for channel in &channels {
        let subscriber = Subscriber {
            id,
            queue: queue.clone(),
        };
        hub.borrow_mut()
            .entry(channel.clone())
            .or_default()
            .push(subscriber);
    }
    drop(queue);
    let (mut sink, mut source) = socket.split();
    loop {
        tokio::select! {
            text = waiting.recv() => {
                let Some(mut text) = text else { break };
                let fed = loop {
                    if let Err(error) = sink.feed(Message::Text(text)).await {
                        break Err(error);
                    }
                    match waiting.try_recv() {
                        Ok(next) => text = next,
                        Err(_) => break sink.flush().await,
                    }
                };
                if fed.is_err() {
                    break;
                }
            }
            message = source.next() => {
                if !matches!(message, Some(Ok(_))) {
                    break;
                }
            }
        }
    }
    let mut hub = hub.borrow_mut();
    for channel in &channels {
        if let Some(subscribers) = hub.get_mut(channel) {
            subscribers.retain(|subscriber| subscriber.id != id);
        }
    }
}
