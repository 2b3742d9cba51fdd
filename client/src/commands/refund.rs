//! `talea refund`: the payee returns money of an earlier transfer.

use anyhow::Context as _;
use clap::Args;
use talea_types::{
    Operation, Subject, TransactionId,
    operation::Refund,
    state::{RefundRight, StateKey},
};

use super::{context::Context, exit::Code, signing::Signing, values};

/// Return money of a refundable payment to its payer. The payee signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea refund 3f9c... 12.50 --key merchant.key --reference RETURN-4"
)]
pub(crate) struct RefundPayment {
    /// The transaction that carried the payment.
    transaction: TransactionId,
    /// How much, with decimals; all refunds together at most the payment.
    amount: String,
    /// Which leg of the transaction.
    #[arg(long, default_value_t = 0)]
    leg: u32,
    /// Reference that both sides see, at most 35 characters.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reference: String,
    #[command(flatten)]
    signing: Signing,
}

impl RefundPayment {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let trust = context.trust()?;
        let key = StateKey::RefundRight(self.transaction, self.leg);
        let right = self.signing.client(context)?.state(&key).await?.context(
            "this payment is not refundable: it never was, its time has passed, or all was refunded",
        )?;
        let right = RefundRight::decode(&right)?;
        let amount = values::amount(&self.amount, right.asset, trust.decimals())?;
        let operation = Operation::Refund(Refund {
            original: self.transaction,
            leg: self.leg,
            amount,
            end_to_end_id: self.reference,
        });
        self.signing
            .run(context, Subject::Account(right.to), operation, |_| {
                Vec::new()
            })
            .await
    }
}
