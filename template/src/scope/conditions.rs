//! The conditions of a template, decided with the defaults of its parameters.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Scope;
use crate::error::Problem;

/// How deep conditions may refer to each other. It bounds the stack on hostile input; people write three levels.
const DEEPEST: usize = 32;

/// What has been decided so far, so that no input makes the work grow exponentially.
#[derive(Default)]
pub(super) struct Decisions {
    known: BTreeMap<String, bool>,
    depth: usize,
}

impl Scope {
    /// Whether the condition of that name holds.
    pub(crate) fn holds(&self, name: &str) -> Result<bool, Problem> {
        if let Some(known) = self.decisions.borrow().known.get(name) {
            return Ok(*known);
        }
        let condition =
            self.conditions.get(name).ok_or_else(|| Problem::UnknownName(format!("the condition {name}")))?;
        if self.decisions.borrow().depth == DEEPEST {
            return Err(Problem::CircularCondition(name.to_owned()));
        }
        self.decisions.borrow_mut().depth += 1;
        let decided = self.decide(condition);
        self.decisions.borrow_mut().depth -= 1;
        let decided = decided?;
        self.decisions.borrow_mut().known.insert(name.to_owned(), decided);
        Ok(decided)
    }

    fn decide(&self, condition: &Value) -> Result<bool, Problem> {
        let single = condition.as_object().filter(|map| map.len() == 1);
        let Some((function, argument)) = single.and_then(|map| map.iter().next()) else {
            return Err(Problem::Expected("a condition"));
        };
        match (function.as_str(), argument) {
            ("Condition", Value::String(name)) => self.holds(name),
            ("Fn::Equals", Value::Array(sides)) => match sides.as_slice() {
                [left, right] => Ok(self.text(left)? == self.text(right)?),
                _ => Err(Problem::Expected("two values to compare")),
            },
            ("Fn::Not", Value::Array(inner)) => match inner.as_slice() {
                [inner] => Ok(!self.decide(inner)?),
                _ => Err(Problem::Expected("one condition")),
            },
            ("Fn::And", Value::Array(all)) => self.fold(all, true),
            ("Fn::Or", Value::Array(any)) => self.fold(any, false),
            (name, _) => Err(Problem::UnknownFunction(name.to_owned())),
        }
    }

    /// `neutral` is what an empty list would be; the first condition that differs from it decides.
    fn fold(&self, conditions: &[Value], neutral: bool) -> Result<bool, Problem> {
        for condition in conditions {
            if self.decide(condition)? != neutral {
                return Ok(!neutral);
            }
        }
        Ok(neutral)
    }
}
