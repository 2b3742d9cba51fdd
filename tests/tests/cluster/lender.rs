//! A lender's life, and a debtor's, by commands alone.

use talea_client::{ProofFile, describe};

use crate::{desk::Desk, figures::scrape, network::until};

/// Where the debtor lives, by which clocks.
const PLACE: &str = "US-NY";
const ZONE: &str = "America/New_York";

const VALUE: &str = "7777777777777777777777777777777777777777777777777777777777777777";

/// A loan that two banks fund, paid out.
struct Lent {
    desk: Desk,
    wallet: String,
    loan: String,
}

impl Lent {
    async fn new() -> Self {
        // All that nodes ever write of what they do.
        let desk = Desk::start_with(&["log.level=\"info,talea_node=trace\""]).await;
        let wallet = desk.open_wallet("bank-1", "wallet.key").await;
        let own = desk.open_own("bank-1", "100000 USD").await;
        let other = desk.open_own("bank-2", "100000 USD").await;
        let lender = desk.lei("bank-1");
        let (bank, partner) = (desk.key("bank-1"), desk.key("bank-2"));
        let register = format!(
            "debtor register {wallet} --residence {PLACE} --time-zone {ZONE} --language en \
             --sponsor {lender}"
        );
        desk.sign(&[&bank, "wallet.key"], &register).await.done();

        let product = desk.plain("loan product example").await;
        desk.write("product.toml", &product.replace("CZK", "USD"));
        let publish = format!("loan product publish product.toml --lender {lender}");
        let product = desk.sign(&[&bank], &publish).await.done().text("product");
        let agreement = format!(
            "asset = \"USD\"\nservicer = \"{own}\"\nservicing = \"1%\"\nloan_max = \"50000.00\"\n\
             outstanding_max = \"90000.00\"\n\
             [[funders]]\naccount = \"{own}\"\nshare = \"70%\"\n\
             [[funders]]\naccount = \"{other}\"\nshare = \"30%\"\n"
        );
        desk.write("agreement.toml", &agreement);
        let register = format!("loan agreement register agreement.toml --lender {lender}");
        let registered = desk.sign(&[&bank, &partner], &register).await.done();
        let agreement = registered.text("agreement");

        // The lender writes the loan to a file; the partner and the borrower sign it, each alone.
        let shown = desk.offline(&format!("keys show {partner}")).await.done();
        let partner_key = shown.text("public_key");
        let shown = desk.offline("keys show wallet.key").await.done();
        let wallet_key = shown.text("public_key");
        let first = describe::day(desk.info().await.business_date + 20);
        let originate = format!(
            "loan originate 12000.00 USD --product {product} --agreement {agreement} \
             --lender {lender} --borrower {wallet} --rate 12% --instalments 12 --first-due {first} \
             --law US --signer {partner_key} --signer {wallet_key} --out loan.tx.json"
        );
        desk.sign(&[&bank], &originate).await.done();
        let sign = "tx sign loan.tx.json";
        desk.sign(&[&partner], sign).await.done();
        desk.sign(&["wallet.key"], sign).await.done();
        let submitted = desk.talea("tx submit loan.tx.json").await.done();
        let loan = submitted.text("loan");
        let disburse = format!("loan disburse {loan} --lender {lender}");
        desk.sign(&[&bank], &disburse).await.done();
        Self { desk, wallet, loan }
    }

    async fn show(&self) -> serde_json::Value {
        let show = format!("loan show {}", self.loan);
        self.desk.read("regulator", &show).await.done().value
    }

    /// Days pass, on the clock and in the books.
    async fn wait(&self, days: u32) {
        let (operator, key) = (self.desk.lei("operator"), self.desk.key("operator"));
        let advance = format!("clock advance {days}d --as {operator}");
        let before = self.desk.info().await;
        self.desk.sign(&[&key], &advance).await.done();
        // The block after the one that moves the clock is the first with the new time.
        until("the clock moves", async || {
            let passed = self.desk.info().await.ledger_time;
            passed >= before.ledger_time.plus_millis(u64::from(days) * 86_400_000)
        })
        .await;
        let to = describe::day(before.business_date + days);
        let date = format!("clock business-date {to} --as {operator}");
        self.desk.sign(&[&key], &date).await.done();
    }
}

impl Desk {
    /// What a command prints for people.
    async fn plain(&self, words: &str) -> String {
        let ended = self.offline(words).await;
        assert_eq!(ended.code, 0, "{}", ended.errors);
        let text = ended.errors.strip_prefix(words).unwrap();
        text.strip_prefix(": ").unwrap().trim_end().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loan_is_lent_late_collected_disputed_and_audited_by_commands() {
    let lent = Lent::new().await;
    let Lent { desk, wallet, loan } = &lent;
    let (lender, bank) = (desk.lei("bank-1"), desk.key("bank-1"));
    let (agency, collector) = (desk.lei("agency-1"), desk.key("agency-1"));
    let shown = lent.show().await;
    assert_eq!(shown["owed"], "12000.00 USD");
    assert_eq!(shown["bucket"], "current");
    assert_eq!(shown["schedule"].as_array().unwrap().len(), 12);

    // Repaid in part, then late.
    let repay = format!("loan repay {loan} 100.00 USD --from {wallet}");
    desk.sign(&["wallet.key"], &repay).await.done();
    lent.wait(40).await;
    let shown = lent.show().await;
    assert_eq!(shown["bucket"], "1-30", "{shown}");
    assert_eq!(shown["days_past_due"], "20");
    assert_ne!(shown["interest"], "0.00 USD");
    let fee = format!("loan fee {loan} LATE --ground late-payment --lender {lender}");
    desk.sign(&[&bank], &fee).await.done();
    desk.sign(&[&bank], &fee).await.refused("FEE_NOT_DUE");
    assert_eq!(lent.show().await["fees"], "250.00 USD");

    // A case, and what the law says of contacts in it.
    let place = format!(
        "case place --debtor {wallet} --loan {loan} --collector {agency} --lender {lender}"
    );
    let case = desk.sign(&[&bank], &place).await.done().text("case");
    let notice = format!("case notice {case} validation --text {VALUE} --as {agency}");
    desk.sign(&[&collector], &notice).await.done();
    let furnish = format!(
        "loan furnish {loan} --bureau {} --days-past-due 20 --lender {lender}",
        desk.lei("bureau")
    );
    let refused = desk.sign(&[&bank], &furnish).await;
    let refused = refused.refused("FURNISHING_TOO_SOON");
    assert!(
        refused.cites("1006.30(a)(1)", "1006.30"),
        "{}",
        refused.value
    );
    let ask = format!(
        "case permit {case} --loan {loan} --channel letter --point {VALUE} --collector {agency}"
    );
    let permit = desk.sign(&[&collector], &ask).await.done().text("permit");
    let outcome = format!("case outcome {permit} sent --collector {agency}");
    desk.sign(&[&collector], &outcome).await.done();

    let cease = format!("debtor preferences {wallet} --cease");
    desk.sign(&["wallet.key"], &cease).await.done();
    let refused = desk
        .sign(&[&collector], &ask)
        .await
        .refused("CONTACT_REFUSED");
    assert!(refused.cites("1006.6(c)(1)", "1006.6"), "{}", refused.value);
    // The citation is proved by the receipt, and found again later.
    let status = format!("tx status {}", refused.text("transaction"));
    let again = desk.talea(&status).await;
    assert_eq!(
        (again.code, &again.value["rules"]),
        (3, &refused.value["rules"])
    );
    // Hours that are not now, whenever this runs: local time there is four or five hours behind.
    let hour = (desk.info().await.ledger_time.millis() / 3_600_000 + 12) % 24;
    let refused = format!("--refuse {hour:02}:00-{hour:02}:30");
    let anew = format!("debtor preferences {wallet} --opt-out voice_call {refused}");
    desk.sign(&["wallet.key"], &anew).await.done();

    let dispute =
        format!("debtor dispute {loan} --debtor {wallet} --reason 1 --commitment {VALUE}");
    desk.sign(&["wallet.key"], &dispute).await.done();
    let refused = desk
        .sign(&[&collector], &ask)
        .await
        .refused("CONTACT_REFUSED");
    assert!(
        refused.cites("1006.38(d)(2)", "1006.38"),
        "{}",
        refused.value
    );
    let resolve =
        format!("case resolve-dispute {loan} rejected --answer {VALUE} --lender {lender}");
    desk.sign(&[&bank], &resolve).await.done();
    desk.sign(&[&collector], &ask).await.done();

    // The debtor promises, complains, and is answered.
    let by = describe::day(desk.info().await.business_date + 10);
    let promised = "4321.98".to_owned();
    let promise = format!("debtor promise {loan} {promised} USD --by {by} --debtor {wallet}");
    desk.sign(&["wallet.key"], &promise).await.done();
    let complain =
        format!("debtor complain {wallet} --against {agency} --reason 1 --commitment {VALUE}");
    desk.sign(&["wallet.key"], &complain).await.done();
    let answer =
        format!("case answer-complaint {wallet} 1 resolved --answer {VALUE} --as {agency}");
    desk.sign(&[&collector], &answer).await.done();
    let shown = desk
        .read("regulator", &format!("debtor show {wallet}"))
        .await;
    let shown = shown.done().value;
    assert_eq!(shown["loans"][0]["id"], loan.as_str(), "{shown}");
    assert_eq!(shown["cases"][0]["id"], case.as_str());
    let shown = desk
        .read("regulator", &format!("case show {case}"))
        .await
        .done();
    assert_eq!(shown.value["contacts"].as_array().unwrap().len(), 3);

    let point = VALUE.to_owned();
    let hours = format!("{hour:02}:00-{hour:02}:30");
    let told = [wallet, loan, &case, &permit, &point, &hours, &promised];
    audited(&lent, &case).await;
    audited_by_the_debtor(&lent, &case).await;
    nothing_personal_is_told(desk, &told).await;
}

/// Neither the logs nor the metrics of any node name the debtor, its loan or its case, where it lives, what it owes or
/// what it asked for.
async fn nothing_personal_is_told(desk: &Desk, of_debtor: &[&String]) {
    let key = desk.offline("keys show wallet.key").await.done();
    let key = key.text("public_key");
    let personal: Vec<&str> = of_debtor
        .iter()
        .map(|one| one.as_str())
        .chain([PLACE, ZONE, key.as_str(), "12000.00"])
        .collect();
    let found = |text: &str| personal.iter().copied().find(|one| text.contains(one));
    assert_eq!(found("a debtor in US-NY"), Some(PLACE));
    for node in desk.network.nodes() {
        let name = &node.entry().name;
        let log = std::fs::read_to_string(node.log()).unwrap();
        assert!(log.contains(" INFO "), "the log of {name} is read");
        let told = log.lines().find_map(|line| Some((found(line)?, line)));
        assert_eq!(told, None, "in the log of {name}");
        let metrics = scrape(node.entry().metrics).await;
        assert!(metrics.contains("talea_"), "{metrics}");
        let told = metrics.lines().find_map(|line| Some((found(line)?, line)));
        assert_eq!(told, None, "in the metrics of {name}");
    }
}

/// The regulator's bundle: whole, verified offline, and caught when a loan is taken out.
async fn audited(lent: &Lent, case: &str) {
    let Lent { desk, wallet, loan } = lent;
    let audit = format!("audit debtor:{wallet} --out debtor.bundle");
    desk.read("regulator", &audit).await.done();
    let verified = desk.offline("verify debtor.bundle").await.done();
    let periods = verified.value["periods"].as_array().unwrap();
    let subjects: Vec<&str> = periods
        .iter()
        .filter_map(|period| period["history_of"].as_str())
        .collect();
    let debtor = format!("debtor:{wallet}");
    assert_eq!(subjects, [&debtor, loan.as_str(), case]);

    let whole = ProofFile::load(&desk.path("debtor.bundle")).unwrap();
    let ProofFile::Audit(bundle) = whole else {
        panic!("an audit is a bundle");
    };
    for place in 1..3 {
        let mut cut = bundle.clone();
        cut.periods.remove(place);
        let name = format!("cut-{place}.bundle");
        ProofFile::Audit(cut).save(&desk.path(&name)).unwrap();
        let refused = desk.offline(&format!("verify {name}")).await;
        assert_eq!(refused.code, 6, "{}", refused.errors);
    }
}

/// The debtor's own bundle: the same completeness with nothing but the wallet's key, and who looked is in it.
async fn audited_by_the_debtor(lent: &Lent, case: &str) {
    let Lent { desk, wallet, loan } = lent;
    let passphrase = desk.passphrase();
    let audit = |key: &str| {
        format!(
            "audit debtor:{wallet} --out {key}.bundle --reader-key {key} \
             --reader-passphrase-file {passphrase}"
        )
    };
    desk.talea(&audit("wallet.key")).await.done();
    let verified = desk.offline("verify wallet.key.bundle").await.done();
    let periods = verified.value["periods"].as_array().unwrap();
    let of = |subject: &str| {
        let found = periods.iter().find(|one| one["history_of"] == subject);
        found.unwrap_or_else(|| panic!("no {subject} in {}", verified.value))["events"].to_string()
    };
    let own = of(&format!("debtor:{wallet}"));
    let regulator = desk.id("regulator");
    assert!(own.contains(&regulator), "the regulator looked: {own}");
    assert_ne!((of(loan), of(case)), ("[]".to_owned(), "[]".to_owned()));

    // Somebody else's wallet gets nothing.
    desk.open_wallet("bank-1", "other.key").await;
    let refused = desk.talea(&audit("other.key")).await;
    assert_eq!(refused.code, 3, "{}", refused.errors);
    assert!(
        refused.errors.contains("READER_UNKNOWN"),
        "{}",
        refused.errors
    );
    assert!(!desk.path("other.key.bundle").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_network_is_proposed_and_approved_by_commands() {
    let desk = Desk::start().await;
    let example = desk.plain("proposal example limits").await;
    desk.write("limits.toml", &example);
    let (lei, key) = (desk.lei("regulator"), desk.key("regulator"));
    let propose = format!("proposal propose limits.toml --in-blocks 15 --as {lei}");
    let proposed = desk.sign(&[&key], &propose).await.done();
    let proposal = proposed.text("proposal");
    let approve = format!("proposal approve {proposal}");
    let by_itself = desk.sign(&[&key], &format!("{approve} --as {lei}")).await;
    assert_eq!(by_itself.code, 3, "{}", by_itself.errors);
    for name in ["operator", "bank-1", "bank-2"] {
        let (lei, key) = (desk.lei(name), desk.key(name));
        let approve = format!("{approve} --as {lei}");
        desk.sign(&[&key], &approve).await.done();
    }
    let list = format!("proposal list --by {lei}");
    let stands = async || {
        let listed = desk.read("regulator", &list).await.done();
        listed.value["proposals"][0]["stands"]
            .as_str()
            .map(str::to_owned)
    };
    // Each command makes a block.
    for _ in 0..40 {
        if stands().await.as_deref() == Some("took effect") {
            return;
        }
        let (operator, key) = (desk.lei("operator"), desk.key("operator"));
        let advance = format!("clock advance 1s --as {operator}");
        desk.sign(&[&key], &advance).await.done();
    }
    assert_eq!(stands().await.as_deref(), Some("took effect"));
}
