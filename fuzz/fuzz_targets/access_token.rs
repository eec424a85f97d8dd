#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tests::fuzz::access_token::check(data));
