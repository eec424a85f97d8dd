//! The rules of peers, after their documentation and code: one pure function each. `ALL` names the source of each.

use super::Token;
use super::family::{Family, Verdict};
use crate::{MINUTE, Millis, SECOND};

/// Auth0 and Better Auth with their defaults, Keycloak with rotation and without reuse: a token works once, and a repeat ends
/// the session.
pub fn strict(family: &Family, token: Token, _: Millis) -> Verdict {
    match family.get(token).used_at {
        None => Verdict::Rotate,
        Some(_) => Verdict::End,
    }
}

/// Amazon Cognito with its longest window (`RetryGracePeriodSeconds` 60): a repeat within it gets new tokens. Not verified: a later
/// repeat is refused, and the others of the family live on.
pub fn cognito(family: &Family, token: Token, now: Millis) -> Verdict {
    new_within(family, token, now, 60 * SECOND)
}

/// Rauthy: a repeat within 5 s gets a new set; a later one is refused, and the session stays.
pub fn rauthy(family: &Family, token: Token, now: Millis) -> Verdict {
    new_within(family, token, now, 5 * SECOND)
}

fn new_within(family: &Family, token: Token, now: Millis, window: Millis) -> Verdict {
    match family.get(token).used_at {
        Some(used_at) if now > used_at + window => Verdict::Refuse,
        Some(_) | None => Verdict::Rotate,
    }
}

/// SST OpenAuth: a repeat within 60 s gets the same successor. The row of a used token is then gone (retention is 0 by default),
/// so that a later repeat is refused and ends nothing.
pub fn openauth(family: &Family, token: Token, now: Millis) -> Verdict {
    let issued = family.get(token);
    match (issued.used_at, issued.child) {
        (Some(used_at), Some(child)) if now <= used_at + 60 * SECOND => Verdict::Same(child),
        (Some(_), _) => Verdict::Refuse,
        (None, _) => Verdict::Rotate,
    }
}

/// SuperTokens: a repeat within 30 s is rotated again, and the first child dies; a later one ends the session. Not
/// verified: a dead child, and a parent whose child was used, end it too.
pub fn supertokens(family: &Family, token: Token, now: Millis) -> Verdict {
    let issued = family.get(token);
    let child_was_used = issued.child.is_some_and(|child| family.get(child).used_at.is_some());
    match issued.used_at {
        _ if issued.is_dead || child_was_used => Verdict::End,
        None => Verdict::Rotate,
        Some(used_at) if now <= used_at + 30 * SECOND => Verdict::RotateAnew,
        Some(_) => Verdict::End,
    }
}

/// Supabase Auth, hosted: the parent of the current token always gets that token, whatever its age. An older one gets it within
/// 10 s of the last rotation, and ends the session later.
pub fn supabase(family: &Family, token: Token, now: Millis) -> Verdict {
    let newest = family.newest();
    match family.get(newest).generation.saturating_sub(family.get(token).generation) {
        0 => Verdict::Rotate,
        1 => Verdict::Same(newest),
        _ if now <= family.rotated_at() + 10 * SECOND => Verdict::Same(newest),
        _ => Verdict::End,
    }
}

/// Ory Hydra with its default, no grace: a repeat ends the chain for 30 minutes, and is only refused after that.
pub fn hydra(family: &Family, token: Token, now: Millis) -> Verdict {
    match family.get(token).used_at {
        None => Verdict::Rotate,
        Some(used_at) if now <= used_at + 30 * MINUTE => Verdict::End,
        Some(_) => Verdict::Refuse,
    }
}

#[cfg(test)]
mod tests {
    use super::super::family::Peer;
    use super::super::{Reply, Server};
    use super::*;

    /// Sends tokens at these seconds, and returns the answers: a token, none for a refusal, or the end.
    fn answers(peer: Peer, requests: &[(Token, Millis)]) -> Vec<Result<Option<Token>, &'static str>> {
        let mut family = Family::begin(peer);
        let answer = |&(token, second)| match family.refresh(token, None, second * SECOND) {
            Reply::Token(token) => Ok(Some(token)),
            Reply::Refused if family.has_ended() => Err("ended"),
            Reply::Refused => Ok(None),
        };
        requests.iter().map(answer).collect()
    }

    #[test]
    fn strict_takes_a_token_once() {
        assert_eq!(answers(strict, &[(0, 0), (0, 0), (1, 1)]), [Ok(Some(1)), Err("ended"), Err("ended")]);
    }

    #[test]
    fn cognito_and_rauthy_answer_with_new_tokens_and_then_refuse() {
        let requests = [(0, 0), (0, 60), (0, 61), (1, 62), (2, 63)];
        let answered = [Ok(Some(1)), Ok(Some(2)), Ok(None), Ok(Some(3)), Ok(Some(4))];
        assert_eq!(answers(cognito, &requests), answered);
        assert_eq!(answers(rauthy, &[(0, 0), (0, 5), (0, 6)]), [Ok(Some(1)), Ok(Some(2)), Ok(None)]);
    }

    #[test]
    fn openauth_answers_with_the_same_successor_and_then_refuses() {
        assert_eq!(answers(openauth, &[(0, 0), (0, 60), (0, 61)]), [Ok(Some(1)), Ok(Some(1)), Ok(None)]);
    }

    #[test]
    fn supertokens_rotates_anew_and_the_first_child_dies() {
        assert_eq!(
            answers(supertokens, &[(0, 0), (0, 30), (2, 31)]),
            [Ok(Some(1)), Ok(Some(2)), Ok(Some(3))]
        );
        assert_eq!(answers(supertokens, &[(0, 0), (0, 30), (1, 31)])[2], Err("ended"));
        assert_eq!(answers(supertokens, &[(0, 0), (0, 31)])[1], Err("ended"));
    }

    #[test]
    fn supabase_answers_the_parent_at_any_age_and_older_ones_for_10_s() {
        let requests = [(0, 0), (0, 90_000), (1, 90_100), (0, 90_110), (0, 90_111)];
        let answered = [Ok(Some(1)), Ok(Some(1)), Ok(Some(2)), Ok(Some(2)), Err("ended")];
        assert_eq!(answers(supabase, &requests), answered);
    }

    #[test]
    fn hydra_forgets_a_used_token_after_half_an_hour() {
        assert_eq!(answers(hydra, &[(0, 0), (0, 1800)])[1], Err("ended"));
        assert_eq!(answers(hydra, &[(0, 0), (0, 1801)])[1], Ok(None));
    }
}
