//! Starts and stops all parts.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use http::{Request, Response};
use shared::config;
use shared::password::Rules;
use tokio::net::TcpListener;

use crate::banner;
use crate::data_directory::DataDirectory;
use crate::engine::Engine;
use crate::error::StartError;
use crate::functions::Surroundings;
use crate::gateway::Gateway;
use crate::inbox::Inbox;
use crate::keys::NewKeys;
use crate::options::{Data, DynamoDb, Mail, Options};
use crate::outbox::Outbox;
use crate::service::{Service, StopSignal};
use crate::streams::{Bell, Origin, Streams};
use crate::{functions, inbox, keys, page, password_check, settings, tables};

/// How long the inbox waits for mails in transit.
const MAIL_PATIENCE: Duration = Duration::from_secs(1);

/// It is in the binary, so that it runs in any folder.
const TEMPLATE: &str = include_str!("../../template.yaml");

/// The running stack.
pub struct Server {
    base_url: String,
    dynamodb_url: String,
    table_names: Vec<String>,
    banner: String,
    gateway: Service,
    streams: Streams,
    engine: Option<Engine>,
    /// This comes last, so that no other process gets the directory before the engine is gone.
    _directory: Option<DataDirectory>,
}

/// Starts all parts. When this returns, requests are answered.
///
/// # Errors
/// Returns [`StartError`], which names the port, file, setting or place in the template that is wrong.
pub async fn start(options: Options) -> Result<Server, StartError> {
    let listener = bind(Ipv4Addr::LOCALHOST.into(), options.port, "--port").await?;
    let domain = address(&listener)?.to_string();
    let base_url = format!("http://{domain}");
    // The gateway compares the origin literally, so it gets the same normalised form as the functions.
    let settings = |name: &str| {
        let given = settings::of_place(name, &options.settings, options.mail, &base_url)?;
        Some(settings::as_read(name, given))
    };
    let outbox = Outbox::new(&options)?;
    let stack = template::read(TEMPLATE, &settings)?;
    functions::check(&stack)?;
    let dynamodb = Endpoint::bind(&options.dynamodb).await?;
    let directory = match &options.data {
        Data::Memory => None,
        Data::Directory(path) => Some(DataDirectory::open(path)?),
    };

    let client = aws::client_for(&dynamodb.url);
    let given = settings("KEY_SET").filter(|text| !text.is_empty());
    let algorithm = config::signing_algorithm(&settings).map_err(StartError::OwnSetting)?;
    let new = NewKeys { algorithm, now: (options.clock)() };
    let keys = keys::obtain(given.as_deref(), directory.as_ref(), new, &mut (options.randomness)())?;
    let environments = settings::environments(&stack.functions, &settings, &keys)?;
    for (name, nearest) in settings::near_misses(&options.names, &environments) {
        tracing::warn!("{name} is no setting, and does nothing: do you mean {nearest}?");
    }
    let around = Surroundings { dynamodb: client.clone(), outbox: outbox.clone() };
    let mut handlers = functions::build(&stack, &environments, &around)?;
    let password_rules = password_check::rules(&stack, &environments).map_err(StartError::OwnSetting)?;

    let engine = match dynamodb.listener {
        Some(listener) => Some(Engine::start(listener, directory.as_ref(), &options)?),
        None => None,
    };
    let origin = Origin {
        endpoint: &dynamodb.url,
        is_embedded: engine.is_some(),
        arns: &tables::create(&client, &dynamodb.url, &stack.tables).await?,
        directory: directory.as_ref(),
    };
    let streams = Streams::start(&stack, &handlers, &origin, &options.clock).await?;
    streams.ring_after(&stack, &mut handlers);

    if let Some(directory) = &directory {
        directory.describe(&base_url, &dynamodb.url, &keys.version)?;
    }
    let banner = banner::text(&stack, &base_url, &dynamodb.url, &options);
    let table_names = stack.tables.iter().map(|table| table.name.clone()).collect();
    let Options { clock, randomness, stopwatch, mail, .. } = options;
    let front = Front {
        gateway: Gateway::new(stack, handlers, domain, clock, randomness, stopwatch),
        inbox: (mail != Mail::Off).then(|| outbox.inbox()),
        bells: streams.bells(),
        password_rules,
    };
    Ok(Server {
        banner,
        table_names,
        gateway: serve(listener, front),
        streams,
        base_url,
        dynamodb_url: dynamodb.url,
        engine,
        _directory: directory,
    })
}

impl Server {
    /// Returns the URL of the API, such as `http://127.0.0.1:3000`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the URL of DynamoDB.
    #[must_use]
    pub fn dynamodb_url(&self) -> &str {
        &self.dynamodb_url
    }

    /// Returns the names of the tables.
    #[must_use]
    pub fn table_names(&self) -> &[String] {
        &self.table_names
    }

    /// Returns the text for a person: addresses, routes and a command to try.
    #[must_use]
    pub fn banner(&self) -> &str {
        &self.banner
    }

    /// Deletes expired rows now rather than within a minute, and returns their number. An external DynamoDB does that itself.
    ///
    /// # Errors
    /// Returns the engine's error.
    pub fn sweep_expired_rows(&self) -> Result<usize, String> {
        self.engine.as_ref().map_or(Ok(0), Engine::sweep)
    }

    /// Lets requests and mails in flight finish, and stops.
    pub async fn shutdown(self) {
        self.gateway.stop().await;
        self.streams.stop().await;
        if let Some(engine) = self.engine {
            engine.stop().await;
        }
    }
}

/// The URL of DynamoDB, and its socket if it is embedded.
struct Endpoint {
    url: String,
    listener: Option<TcpListener>,
}

impl Endpoint {
    async fn bind(dynamodb: &DynamoDb) -> Result<Self, StartError> {
        let (bind_to, port) = match dynamodb {
            DynamoDb::External(url) => return Ok(Self { url: url.clone(), listener: None }),
            DynamoDb::Embedded { bind, port } => (*bind, *port),
        };
        let listener = bind(bind_to, port, "--dynamodb-port").await?;
        let mut address = address(&listener)?;
        // A server can listen on "every address", but not every system can connect to it.
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(std::net::Ipv6Addr::LOCALHOST.into()),
            IpAddr::V4(_) | IpAddr::V6(_) => {}
        }
        Ok(Self { url: format!("http://{address}"), listener: Some(listener) })
    }
}

async fn bind(ip: IpAddr, port: u16, flag: &'static str) -> Result<TcpListener, StartError> {
    let address = SocketAddr::new(ip, port);
    TcpListener::bind(address).await.map_err(|error| {
        if error.kind() == std::io::ErrorKind::AddrInUse {
            StartError::PortTaken { port, flag }
        } else {
            StartError::Bind { address, error }
        }
    })
}

fn address(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    let unknown = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);
    listener.local_addr().map_err(|error| StartError::Bind { address: unknown, error })
}

/// The parts that answer requests.
struct Front {
    gateway: Gateway,
    /// `None` without mail.
    inbox: Option<Arc<Inbox>>,
    bells: Vec<Arc<Bell>>,
    password_rules: Rules,
}

impl Front {
    /// Waits for mails in transit, so that the inbox contains the mail of a request that was answered before.
    /// it there.
    async fn catch_up(&self) {
        for bell in &self.bells {
            let _shown_without_it = tokio::time::timeout(MAIL_PATIENCE, bell.caught_up()).await;
        }
    }
}

fn serve(listener: TcpListener, front: Front) -> Service {
    let router = Router::new().fallback(answer).with_state(Arc::new(front));
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    Service::start(|stopped: StopSignal| async move {
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await {
            tracing::error!(%error, "the gateway has failed");
        }
    })
}

async fn answer(
    State(front): State<Arc<Front>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Response<Body> {
    let (method, path) = (request.method(), request.uri().path());
    let is_free = || !front.gateway.has_route(method, path);
    if let Some(inbox) = front.inbox.as_ref().filter(|_| inbox::is_at(method, path) && is_free()) {
        front.catch_up().await;
        return inbox::answer(inbox, &request);
    }
    if password_check::is_at(method, path, request.headers()) && is_free() {
        return password_check::answer(front.password_rules, request).await;
    }
    match page::answer(method, path).filter(|_| is_free()) {
        Some(file) => file,
        None => front.gateway.answer(request, peer.ip()).await,
    }
}
