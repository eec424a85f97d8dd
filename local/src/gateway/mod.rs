//! An API Gateway REST API in front of functions in this process.
//!
//! A request passes four stages: route, size, authorizer, integration. The decision of each is a pure function in a
//! module of its own; calling and waiting is done here. Every error is a [`Failure`], which the gateway
//! responses of the template turn into an answer.

mod authorizer;
mod body;
mod cors;
mod event;
mod failure;
mod integration;
mod limits;
mod policy;
mod responses;
mod routes;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use http::{Method, Request, Response};
use runtime::EventError;
use serde_json::Value;
use shared::{Invocation, Stopwatch};

use crate::functions::{AuthorizerFunction, Handler, HttpFunction};
use crate::options::{Clock, Randomness};
use authorizer::{Context, Ruling};
use event::Call;
use failure::Failure;
use routes::{Found, Routes};
use template::{Api, Authorizer, Route, Stack};

/// How long a REST API waits for an integration.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(29);

/// The API of the template.
pub(crate) struct Gateway {
    api: Api,
    routes: Routes,
    functions: BTreeMap<String, Handler>,
    /// Host and port for clients.
    domain: String,
    clock: Clock,
    randomness: Randomness,
    stopwatch: Stopwatch,
    /// How long it waits for a function.
    patience: Duration,
}

impl Gateway {
    pub(crate) fn new(
        stack: Stack,
        functions: BTreeMap<String, Handler>,
        domain: String,
        clock: Clock,
        randomness: Randomness,
        stopwatch: Stopwatch,
    ) -> Self {
        Self {
            api: stack.api,
            routes: Routes::new(stack.routes),
            functions,
            domain,
            clock,
            randomness,
            stopwatch,
            patience: INTEGRATION_TIMEOUT,
        }
    }

    /// Returns whether the template has a route for this.
    pub(crate) fn has_route(&self, method: &Method, path: &str) -> bool {
        self.routes.find(method, path) != Found::Nothing
    }

    /// Answers a request of a client.
    pub(crate) async fn answer(&self, request: Request<Body>, source: IpAddr) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let mut call = Call::new(&parts, source, &self.api, &self.domain);
        call.request_id = integration::request_id(&mut (self.randomness)());
        call.received_at = (self.clock)();
        // The body is read whatever the answer is: a client that is still sending when the connection is closed may never see it.
        let body = body::read(body).await;
        let answer = match self.routes.find(&parts.method, parts.uri.path()) {
            _ if limits::are_too_large(&parts) => Err(Failure::HeadersTooLarge),
            Found::Nothing => Err(self.unknown(&call)),
            Found::Preflight(methods) => self.preflight(&call, &methods).await,
            Found::Route(route, parameters) => {
                call.at(&route.path, parameters);
                match body {
                    Ok(body) => self.pass(route, &call, body).await,
                    Err(failure) => Err(failure),
                }
            }
        };
        let answer = answer.unwrap_or_else(|failure| responses::render(&self.api, &failure, &call));
        integration::seal(answer, &call.request_id).map(Body::from)
    }

    async fn preflight(&self, call: &Call<'_>, methods: &[&str]) -> Result<Response<String>, Failure> {
        let cors = self.api.cors.as_ref().ok_or(Failure::MissingAuthenticationToken)?;
        if let Some(name) = &self.api.preflight_authorizer {
            self.authorize(name, call).await?;
        }
        Ok(cors::preflight(cors, methods))
    }

    /// The answer says no more than API Gateway's; the log may.
    fn unknown(&self, call: &Call<'_>) -> Failure {
        let methods = self.routes.methods(call.path);
        if !methods.is_empty() {
            let there_is = methods.join(", ");
            tracing::warn!(method = call.method, path = call.path, %there_is, "the path has no such method");
        }
        Failure::MissingAuthenticationToken
    }

    async fn pass(
        &self,
        route: &Route,
        call: &Call<'_>,
        body: Option<String>,
    ) -> Result<Response<String>, Failure> {
        let context = match &route.authorizer {
            Some(name) => Some(self.authorize(name, call).await?),
            None => None,
        };
        let function = match self.functions.get(&route.function) {
            Some(Handler::Http(function)) => function,
            Some(Handler::NotRunHere(reason)) => return Err(Failure::NotRunHere(reason.clone())),
            Some(Handler::Authorizer(_) | Handler::Stream(_) | Handler::StoodInFor | Handler::ByName)
            | None => {
                return Err(failed("it is no function for a route"));
            }
        };
        let event = event::proxy(call, body.as_deref(), context.as_ref());
        let response = self.invoke(function, event.to_string()).await?;
        Ok(integration::remap(response))
    }

    async fn invoke(&self, function: &HttpFunction, event: String) -> Result<Response<String>, Failure> {
        let (function, invocation) = (function.clone(), self.invocation());
        // A task of its own: a panic ends only this task, as it ends one invocation on Lambda, and a client that disconnects
        // does not stop work that has begun.
        let task = tokio::spawn(async move {
            let request = runtime::request(&event)?;
            Ok::<_, EventError>(function(request, invocation).await)
        });
        match tokio::time::timeout(self.patience, task).await {
            Ok(Ok(Ok(response))) => Ok(response),
            Ok(Ok(Err(bad_event))) => Err(failed(bad_event)),
            Ok(Err(panic)) => Err(failed(panic)),
            Err(_) => Err(Failure::IntegrationTimeout),
        }
    }

    /// The authorizer's context, if it allows the request.
    async fn authorize(&self, name: &str, call: &Call<'_>) -> Result<Context, Failure> {
        let authorizer = self.api.authorizers.get(name).ok_or(Failure::AuthorizerConfiguration)?;
        if !authorizer::is_identified(authorizer, call.headers) {
            return Err(Failure::Unauthorized);
        }
        let arn = event::method_arn(call);
        let answer = self.ask(authorizer, event::authorizer(authorizer, call, &arn)).await?;
        match authorizer::interpret(&answer, &arn) {
            Ok(Ruling::Allow(context)) => Ok(context),
            Ok(Ruling::Deny { explicit, context }) => Err(Failure::AccessDenied { explicit, context }),
            Err(problem) => {
                tracing::error!(authorizer = name, %problem, "the authorizer's answer is not one");
                Err(Failure::AuthorizerConfiguration)
            }
        }
    }

    async fn ask(&self, authorizer: &Authorizer, event: Value) -> Result<Value, Failure> {
        let function = match self.functions.get(&authorizer.function) {
            Some(Handler::Authorizer(function)) => function,
            Some(Handler::NotRunHere(reason)) => return Err(Failure::NotRunHere(reason.clone())),
            Some(Handler::Http(_) | Handler::Stream(_) | Handler::StoodInFor | Handler::ByName) | None => {
                return Err(Failure::AuthorizerConfiguration);
            }
        };
        let (function, now): (AuthorizerFunction, _) = (function.clone(), (self.clock)());
        match tokio::spawn(async move { function(&event, now) }).await {
            Ok(Ok(answer)) => Ok(answer),
            // The only error message of an authorizer that API Gateway interprets.
            Ok(Err(message)) if message == "Unauthorized" => Err(Failure::Unauthorized),
            Ok(Err(problem)) => Err(authorizer_failed(problem)),
            Err(panic) => Err(authorizer_failed(panic)),
        }
    }

    fn invocation(&self) -> Invocation {
        Invocation { now: (self.clock)(), rng: (self.randomness)(), stopwatch: self.stopwatch }
    }
}

fn failed(problem: impl std::fmt::Display) -> Failure {
    tracing::error!(%problem, "a function has failed");
    Failure::Integration
}

fn authorizer_failed(problem: impl std::fmt::Display) -> Failure {
    tracing::error!(%problem, "the authorizer has failed");
    Failure::Authorizer
}

#[cfg(test)]
mod tests;
