use super::*;
use crate::email::Email;
use proptest::prelude::*;

fn own() -> OwnWords {
    OwnWords::new(&Email::parse("ada.lovelace@analytical.example").unwrap(), "Ada Augusta Byron")
}

fn verdict(password: &str, least: u8) -> String {
    check(password, least, &own()).map_or_else(|why| why.to_string(), |()| "taken".to_owned())
}

#[track_caller]
fn refused(password: &str, why: &str) {
    assert_eq!(verdict(password, 2), why, "{password:?}");
}

#[test]
fn common_passwords_are_refused_in_every_spelling() {
    refused("password", "it is one of the ten most common passwords. Add another word or two");
    let wide = "\u{ff50}\u{ff41}\u{ff53}\u{ff53}\u{ff57}\u{ff4f}\u{ff52}\u{ff44}";
    refused(wide, "it is one of the ten most common passwords. Add another word or two");
    for spelling in [
        "PASSWORD",
        "pAsSwOrD",
        "P4$$w0rd",
        "p@ssw0rd!",
        "drowssap",
        "DROWSSAP1",
        "password1",
        "passwordpassword",
        "\u{1d4f9}\u{1d4ea}\u{1d4fc}\u{1d4fc}\u{1d500}\u{1d4f8}\u{1d4fb}\u{1d4ed}",
        "\u{ff30}\u{ff14}\u{ff04}\u{ff04}\u{ff57}\u{ff10}\u{ff52}\u{ff44}",
        "sunshine",
        "iloveyou",
        "trustno1",
        "qwertyuiop",
        "1q2w3e4r5t",
        "12345678",
        "87654321",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "abcdefghijkl",
        "19870423",
        "23.04.1987",
        "password password",
        "Qwerty-qwerty-QWERTY",
        "123456 123456 123456",
        "q w e r t y u i o p",
    ] {
        assert_ne!(verdict(spelling, 2), "taken", "{spelling:?}");
    }
}

#[test]
fn rows_of_keys_and_common_words_are_refused_in_other_scripts() {
    for password in [
        "йцукенгшщз",
        "ЙЦУКЕН12345",
        "фывапролджэ",
        "пароль123",
        "парольпароль",
        "пароль.пароль",
        "ПАРОЛЬ2024",
        "ьлорап11",
        "солнышко",
        "фівапролджє",
        "κωδικός123",
        "ςερτυθιοπ",
        "סיסמה12345",
        "שדגכעיחלך",
        "كلمة المرور",
        "ضصثقفغعهخح",
        "密码12345678",
        "パスワード123",
        "비밀번호1234",
        "ㅂㅈㄷㄱㅅㅛㅕㅑ",
        "รหัสผ่าน123",
    ] {
        let password: String = unicode_normalization::UnicodeNormalization::nfc(password).collect();
        assert_ne!(verdict(&password, 2), "taken", "{password:?}");
    }
    assert!(verdict("пароль123", 2).contains("common password"), "{}", verdict("пароль123", 2));
}

#[test]
fn the_users_own_words_are_refused() {
    let own = "it is made of your own name or email address";
    for password in [
        "ada.lovelace@analytical.example",
        "ADA.LOVELACE@ANALYTICAL.EXAMPLE",
        "ada.lovelace",
        "adalovelace1",
        "AdaAugustaByron1815",
        "analytical",
        "AnalyticaL1",
        "augusta1815",
        "l0v3l4c3",
        "ada augusta byron",
        "\u{ff41}\u{ff4e}\u{ff41}\u{ff4c}\u{ff59}\u{ff54}\u{ff49}\u{ff43}\u{ff41}\u{ff4c}",
    ] {
        assert!(verdict(password, 2).starts_with(own), "{password:?}: {}", verdict(password, 2));
    }
    let reversed = format!("{own}. Add another word or two. A word backwards helps little");
    refused("lacitylana", &reversed);
    // For another account the same words are good enough.
    let other = OwnWords::new(&Email::parse("grace@example.com").unwrap(), "Grace Hopper");
    assert_eq!(check("ada.lovelace@analytical.example", 2, &other), Ok(()));
}

#[test]
fn the_reason_and_what_helps_are_given() {
    refused("lovelyday", "it is like a common password. Add another word or two");
    refused("sunshine1", "it is a common password. Add another word or two");
    refused(
        "asdfghjkl;",
        "rows of keys are tried first. Add another word or two. Use a longer pattern with more turns",
    );
    refused("zzzzzzzzzz", "a repeated character is tried first. Add another word or two. Avoid repetitions");
    refused(
        "Baseball",
        "it is one of the hundred most common passwords. Add another word or two. A capital at the beginning helps little",
    );
    assert_eq!(verdict("wqjhvx4d", 4), "it takes too few tries. Add another word or two");
}

#[test]
fn no_composition_is_asked_for() {
    for good in [
        "correct horse battery staple",
        "nanoseconds of wire",
        "wqjhvx4d",
        "gzkmwqtxvb",
        "8203957164",
        "\u{4e94}\u{6708}\u{96e8}\u{843d}\u{82b1}\u{8fd1}\u{6c5f}\u{56fd}",
        "\u{043b}\u{0443}\u{043a} \u{0447}\u{0435}\u{0441}\u{043d}\u{043e}\u{043a} \u{0445}\u{0440}\u{0435}\u{043d}",
    ] {
        assert_eq!(verdict(good, 2), "taken", "{good:?}");
    }
}

#[test]
fn the_least_score_is_a_setting() {
    assert_eq!(verdict("password", 0), "taken");
    for (password, score) in
        [("password", 0), ("hunter22!", 1), ("wqjhvx4d", 2), ("gzkmwqtxv", 3), ("correct horse", 3)]
    {
        let taken: Vec<_> = (0..=4).map(|least| verdict(password, least) == "taken").collect();
        let expected: Vec<_> = (0..=4).map(|least| least <= score).collect();
        assert_eq!(taken, expected, "{password}");
    }
}

#[test]
fn a_password_that_makes_the_library_panic_is_refused() {
    assert_eq!(caught(|| panic!("a bug of the library")), None);
    assert_eq!(Guessable::unjudged().to_string(), "it can't be judged. Use another one");
}

/// Counts the work of one check: the allocations of zxcvbn, which makes some for each reading, substring and match.
fn work(password: &str, own: &OwnWords) -> u64 {
    // The dictionaries are made once.
    let _ready = check("x", 0, own);
    allocation_counter::measure(|| drop(check(password, 0, own))).count_total
}

/// Returns many words that can form a password in many ways.
fn hostile_words() -> OwnWords {
    let email = format!("{}@{}.com", ["a1", "l33t"].repeat(8).join("."), ["s3", "aaa"].repeat(20).join("."));
    OwnWords::new(&Email::parse(&email).unwrap(), &"1 7 l| aa4 ".repeat(20))
}

#[test]
fn the_work_is_bounded_for_passwords_made_to_cause_it() {
    const MOST: u64 = 60_000;
    let signs = "4@8({[<369!|17$5+%20";
    let cycled = |text: &str| text.chars().cycle().take(128).collect::<String>();
    let reversed = signs.chars().rev().collect::<String>();
    let mut worst = 0;
    for password in [
        cycled(signs),
        cycled(&reversed),
        format!("{signs}{}", "x".repeat(108)),
        format!("{}{signs}", "x".repeat(52)),
        cycled("a4@b8c({[<e3g69i1!|l17"),
        cycled("1|7!1|7l"),
        cycled("aiaiouaeioyxz"),
        cycled("the of and in was is "),
        cycled("qa"),
        cycled("a"),
        cycled("ab4@"),
        cycled("11111991"),
        cycled("1/1/91 "),
        cycled("\u{fdfa}"),
        cycled("\u{ff11}\u{ff17}\u{ff5c}\u{ff14}\u{ff20}\u{ff08}\u{ff5b}\u{ff3b}\u{ff1c}\u{ff13}"),
        cycled("\u{130}\u{df}\u{149}"),
    ] {
        let work = work(&password, &hostile_words());
        assert!(work < MOST, "{password:?}: {work}");
        worst = worst.max(work);
    }
    // The bound is close to the actual count, so that an increase would be noticed.
    assert!(worst > MOST / 4, "{worst}");
}

/// If words that contain others were kept, a dozen would begin at each place of these passwords, which is a hundred times the work.
#[test]
fn a_name_of_words_that_contain_each_other_costs_no_more_than_one_word() {
    let nested = |letters: &str, least: usize| {
        let words = (least..14).map(|length| letters.chars().cycle().take(length).collect::<String>());
        words.collect::<Vec<_>>().join(" ")
    };
    for (name, passwords) in [
        (format!("{} {}", nested("i", 3), nested("l", 3)), ["l", "1", "1|", "1!", "+1"].as_slice()),
        (nested("a", 3), &["a", "4", "4@"]),
        (nested("x", 3), &["x", "%", "%x"]),
        (nested("aaal", 4), &["aaal", "4@a1"]),
    ] {
        let own = OwnWords::new(&Email::parse("b@c.de").unwrap(), &name);
        for password in passwords {
            let password: String = password.chars().cycle().take(128).collect();
            let work = work(&password, &own);
            assert!(work < 5_000, "{name:?} {password:?}: {work}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]
    #[test]
    fn nothing_panics_and_nothing_is_repeated(password in "\\PC{8,128}", name in "\\PC{1,60}") {
        let own = OwnWords::new(&Email::parse("ada@example.com").unwrap(), &name);
        if let Err(why) = check(&password, 4, &own) {
            prop_assert!(!why.to_string().contains(&password));
            prop_assert_ne!(why, Guessable::unjudged());
        }
    }

    #[test]
    fn nothing_panics_on_keys_words_dates_and_signs(
        parts in prop::collection::vec(prop::sample::select(vec![
            "qwerty", "qaz", "password", "4", "@", "1", "|", "7", "11/11/1991", "19", "20", "aa", "\n", "\0", "\u{130}",
            "\u{3a3}", "\u{df}", "\u{1f511}", "e\u{301}", "\u{fdfa}", "ada", "LOVELACE", ".", "-", " ",
        ]), 1..40),
    ) {
        let verdict = check(&parts.concat(), 4, &own());
        prop_assert_ne!(verdict, Err(Guessable::unjudged()));
    }
}
