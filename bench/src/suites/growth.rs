//! What grows with the number of sessions, of keys and of roles, and what does not.
//!
//! The engine here is SQLite: its index is a tree, which is one level deeper with a thousand times as many rows. So a curve
//! that stays flat shows that no function scans a table or carries along what grows; it says nothing of DynamoDB's own
//! speed, for which AWS promises the same at any size.

mod curve;
mod key_sets;
mod tables;

use crate::budget::Budget;
use crate::contest::Work;
use crate::dynamodb::DynamoDb;
use crate::figures::Measured;
use crate::program::Program;
use crate::requests::refresh::Chain;
use crate::requests::sessions::Listing;
use crate::requests::sign_in::SignIns;
use crate::rows::Account;
use crate::{Arguments, Failure, ratchet};
use curve::{Curve, Point};
use tables::People;

/// Sessions in the table, one for each account.
const TABLES: [u32; 3] = [1000, 100_000, 1_000_000];

/// Sessions of one user: from one to as many as there may be.
const OWN: [u32; 4] = [1, 10, 100, 1000];

/// KeyCache in the set.
const KEYS: [usize; 2] = [1, 6];

/// Roles in the access token.
const ROLES: [usize; 2] = [3, 50];

/// A budget's bound where nothing should grow.
const FLAT: f64 = 1.2;

/// Sign-ins are fewer: each of them takes a hash. They begin sessions, so that accounts take turns.
const SIGN_INS_TAKE_TURNS: u32 = 200;

pub(super) async fn run(arguments: &Arguments) -> Result<Measured, Failure> {
    let bench = Bench { arguments, keys: ratchet::keys()? };
    let mut dynamodbs = Vec::new();
    for sessions in TABLES {
        dynamodbs.push((sessions, tables::with_sessions(sessions, &bench.keys).await?));
    }
    let (small, people) = tables::with_people(&OWN, &ROLES, &bench.keys).await?;
    let mut curves = bench.by_table(&dynamodbs).await?;
    curves.extend(bench.by_own_sessions(&small, &people).await?);
    curves.push(bench.by_keys(&small, &people).await?);
    curves.push(bench.by_roles(&small, &people).await?);
    curve::measure(&mut curves, arguments).await?;
    let budgets = curves.iter().filter(|curve| curve.is_flat).map(budget).collect();
    let series = curves.iter().map(Curve::series).collect();
    Ok(Measured { suite: "growth", programs: Vec::new(), budgets, series })
}

fn budget(curve: &Curve) -> Budget {
    Budget::at_most(format!("flat: {}, slowest to fastest", curve.name), FLAT, "x", curve.spread())
}

struct Bench<'a> {
    arguments: &'a Arguments,
    keys: shared::key_set::KeySet,
}

impl Bench<'_> {
    /// A function that answers in this DynamoDB. Without TLS, which would only be a constant on top.
    fn function(&self, binary: &str, dynamodb: &DynamoDb) -> Result<Program, Failure> {
        ratchet::function(self.arguments, binary, &self.keys, (&dynamodb.plain_url(), dynamodb.bundle()))
    }

    async fn point(
        &self,
        x: impl Into<f64>,
        binary: &str,
        dynamodb: &DynamoDb,
        work: impl Work + 'static,
    ) -> Result<Point, Failure> {
        Point::start(x.into(), self.function(binary, dynamodb)?, work).await
    }

    async fn by_table(&self, dynamodbs: &[(u32, DynamoDb)]) -> Result<Vec<Curve>, Failure> {
        let mut refresh = Curve::new("refresh, by sessions in the table", true);
        let mut login = Curve::new("sign-in but for its hash, by sessions in the table", true);
        let mut listing = Curve::new("list of own sessions, by sessions in the table", true);
        for (sessions, dynamodb) in dynamodbs {
            let middle = Account::new(sessions / 2).session(0);
            let chain = Chain::new(&middle, &self.keys)?;
            refresh.points.push(self.point(*sessions, "refresh", dynamodb, chain).await?);
            // The last ones, which nobody else here uses.
            let accounts = (sessions - SIGN_INS_TAKE_TURNS..*sessions).map(Account::new).collect();
            login.points.push(self.point(*sessions, "login", dynamodb, SignIns::new(accounts)?).await?);
            let own = Listing::new(&Account::new(1).session(0), 1)?;
            listing.points.push(self.point(*sessions, "sessions", dynamodb, own).await?);
        }
        Ok(vec![refresh, login, listing])
    }

    /// A refresh asks for one row. A sign-in reads all of its user's sessions, and a list is made of them.
    async fn by_own_sessions(&self, dynamodb: &DynamoDb, people: &People) -> Result<Vec<Curve>, Failure> {
        let mut refresh = Curve::new("refresh, by own sessions", true);
        let mut login = Curve::new("sign-in but for its hash, by own sessions", false);
        let mut listing = Curve::new("list of own sessions, by own sessions", false);
        for (sessions, users) in &people.with_sessions {
            let chain = Chain::new(&users.refreshes.session(0), &self.keys)?;
            refresh.points.push(self.point(*sessions, "refresh", dynamodb, chain).await?);
            let sign_ins = SignIns::new(users.sign_in.clone())?;
            login.points.push(self.point(*sessions, "login", dynamodb, sign_ins).await?);
            let list = Listing::new(&users.refreshes.session(0), *sessions as usize)?;
            listing.points.push(self.point(*sessions, "sessions", dynamodb, list).await?);
        }
        Ok(vec![refresh, login, listing])
    }

    async fn by_keys(&self, dynamodb: &DynamoDb, people: &People) -> Result<Curve, Failure> {
        let mut curve = Curve::new("refresh, by keys in the set", true);
        for (number, account) in KEYS.into_iter().zip(&people.by_keys) {
            let keys = key_sets::of(&self.keys, number)?;
            let mut program = self.function("refresh", dynamodb)?;
            program.environment.insert("KEY_SET".to_owned(), keys.to_json());
            let x = f64::from(u32::try_from(number).unwrap_or(u32::MAX));
            curve.points.push(Point::start(x, program, Chain::new(&account.session(0), &keys)?).await?);
        }
        Ok(curve)
    }

    /// Both tokens of a refresh carry them: one is verified, one is signed.
    async fn by_roles(&self, dynamodb: &DynamoDb, people: &People) -> Result<Curve, Failure> {
        let mut curve = Curve::new("refresh, by roles in the access token", false);
        for (number, account) in &people.with_roles {
            let chain = Chain::new(&account.session(0), &self.keys)?;
            let x = f64::from(u32::try_from(*number).unwrap_or(u32::MAX));
            curve.points.push(self.point(x, "refresh", dynamodb, chain).await?);
        }
        Ok(curve)
    }
}
