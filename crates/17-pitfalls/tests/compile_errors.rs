//! The compiler rejects each program in `wrong/`, for the reason in its first line.

#[test]
fn every_wrong_program_fails_to_compile_for_the_reason_it_names() {
    async_kit::refused::check("wrong");
}
