use super::*;
use crate::data_key::DataKeyId;
use rand::SeedableRng;
use rand::rngs::StdRng;

const ADA: UserId = UserId::from_bytes([1; 16]);
const NOW: Timestamp = Timestamp::from_millis(2_000_000_010_000);
const STEP: i64 = 66_666_667;

fn rng() -> StdRng {
    StdRng::seed_from_u64(1)
}

fn keys(current: u16) -> DataKeys {
    let ids = [1, 2].into_iter().filter(|id| *id <= current);
    let with = |keys: DataKeys, id| keys.with(DataKeyId(id), &[id as u8; 32]).unwrap();
    ids.fold(DataKeys::default(), with).with_current(DataKeyId(current))
}

fn secret() -> TotpSecret {
    TotpSecret::from_bytes(&[3; 20]).unwrap()
}

/// An app of the first data key, and recovery codes beside it.
fn factors() -> (Factors, Vec<FactorCode>) {
    let sealed = secret().sealed(ADA, &keys(1), SealingNonce::random(&mut rng())).unwrap();
    let (codes, recovery) = RecoveryCodes::draw(ADA, &keys(1), &mut rng()).unwrap();
    let totp = Totp { secret: sealed, confirmed_at: Timestamp::from_millis(0), last_step: 0 };
    let factors = Factors { totp: Some(totp), pending_totp: None, recovery_codes: Some(recovery) };
    (factors, codes.into_iter().map(FactorCode::Recovery).collect())
}

fn totp_at(now: Timestamp) -> FactorCode {
    FactorCode::Totp(secret().code_at(now).parse().unwrap())
}

fn check(factors: &Factors, code: Option<&FactorCode>, keys: &DataKeys) -> Checked {
    factors.check(ADA, Presented::new(code, keys, NOW, &mut rng()))
}

fn used(checked: Checked) -> FactorUse {
    let Checked::Right(used) = checked else { panic!("not right") };
    used
}

#[test]
fn an_account_without_an_app_is_asked_for_nothing() {
    let code = totp_at(NOW);
    for code in [None, Some(&code)] {
        assert!(check(&Factors::default(), code, &keys(1)) == Checked::NotNeeded);
    }
    // Recovery codes alone are no factor: they stand in for an app.
    let (factors, codes) = factors();
    let without_app = Factors { totp: None, ..factors };
    assert!(check(&without_app, codes.first(), &keys(1)) == Checked::NotNeeded);
}

#[test]
fn what_is_missing_is_named() {
    let (factors, _) = factors();
    let missing = |factors: &Factors| match check(factors, None, &keys(1)) {
        Checked::Missing(kinds) => kinds.names().collect::<Vec<_>>(),
        Checked::NotNeeded | Checked::Wrong | Checked::KeyMissing | Checked::Right(_) => {
            panic!("not missing")
        }
    };
    assert_eq!(missing(&factors), ["totp", "recovery_code"]);
    assert_eq!(missing(&Factors { recovery_codes: None, ..factors }), ["totp"]);
}

#[test]
fn a_step_is_used_once_and_none_before_it_either() {
    let (factors, _) = factors();
    let before = Timestamp::from_seconds(NOW.seconds() - 30);
    let FactorUse::Totp { step, resealed } = used(check(&factors, Some(&totp_at(NOW)), &keys(1))) else {
        panic!("no app")
    };
    assert!(step == STEP && resealed.is_none());
    let after = factors.after(&FactorUse::Totp { step, resealed });
    for code in [totp_at(NOW), totp_at(before)] {
        assert!(check(&after, Some(&code), &keys(1)) == Checked::Wrong);
    }
    let next = totp_at(Timestamp::from_seconds(NOW.seconds() + 30));
    assert!(used(check(&after, Some(&next), &keys(1))) == FactorUse::Totp { step: STEP + 1, resealed: None });
}

#[test]
fn a_use_seals_the_secret_under_the_current_key() {
    let (factors, _) = factors();
    let rotated = keys(2);
    let used = used(check(&factors, Some(&totp_at(NOW)), &rotated));
    let after = factors.after(&used).totp.unwrap();
    assert_eq!(after.secret.key_id, DataKeyId(2));
    assert_eq!(TotpSecret::opened(&after.secret, ADA, &rotated), Ok(secret()));
    assert_eq!(after.last_step, STEP);
}

#[test]
fn a_recovery_code_is_used_once_and_the_last_one_is_said_to_be() {
    let (mut factors, codes) = factors();
    for (position, code) in codes.iter().enumerate() {
        let used = used(check(&factors, Some(code), &keys(1)));
        let FactorUse::Recovery { is_last, .. } = &used else { panic!("no recovery code") };
        assert_eq!(*is_last, position == 9);
        factors = factors.after(&used);
        assert!(check(&factors, Some(code), &keys(1)) == Checked::Wrong);
        assert_eq!(factors.recovery_codes_left(), 9 - position);
    }
    assert!(factors.recovery_codes.is_none());
}

#[test]
fn another_code_and_that_of_another_user_is_wrong() {
    let (factors, codes) = factors();
    let another = FactorCode::Recovery(crate::factor::RecoveryCode::random(&mut StdRng::seed_from_u64(9)));
    let digits = FactorCode::Totp("000000".parse().unwrap());
    for code in [&another, &digits] {
        assert!(check(&factors, Some(code), &keys(1)) == Checked::Wrong);
    }
    let eve = UserId::from_bytes([2; 16]);
    let keys = keys(1);
    // The secret is encrypted for its user, so another's cannot be decrypted.
    for (code, expected) in [(&totp_at(NOW), Checked::KeyMissing), (&codes[0], Checked::Wrong)] {
        let presented = Presented::new(Some(code), &keys, NOW, &mut rng());
        assert!(factors.check(eve, presented) == expected);
    }
}

/// A factor is never skipped: after the loss of a data key nobody signs in to accounts whose factors are under it.
#[test]
fn without_its_data_key_no_code_can_be_checked() {
    let (factors, codes) = factors();
    let another = DataKeys::default().with(DataKeyId(2), &[2; 32]).unwrap().with_current(DataKeyId(2));
    for keys in [another, DataKeys::default()] {
        for code in [&totp_at(NOW), &codes[0]] {
            assert!(check(&factors, Some(code), &keys) == Checked::KeyMissing);
        }
        assert!(matches!(check(&factors, None, &keys), Checked::Missing(_)));
    }
}
