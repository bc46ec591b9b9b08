/** An order's story in a customer's words: what has happened, what is to come, and why it ended. */

import { hour, money } from "./format.js";

const HAPPENED = {
  reserving: "Placed",
  awaiting_payment: "Set aside for you",
  delivering: "Paid, on its way",
  delivered: "Delivered",
  canceled: "Canceled",
};

const TO_COME = {
  reserving: ["Set aside for you", "Paid, on its way", "Delivered"],
  awaiting_payment: ["Paid, on its way", "Delivered"],
  delivering: ["Delivered"],
};

const REASONS = {
  out_of_stock: "There were not enough pieces left.",
  payment_failed: "The payment did not go through. Nothing was taken from your account.",
  payment_expired: "It was not paid in time.",
  payment_mismatch: "The amount that was paid was another one. It is given back.",
  placing_abandoned: "Placing it was never finished.",
  customer_request: "You canceled it.",
};

// Why a card was declined, in Stripe's codes: https://docs.stripe.com/declines/codes
const DECLINES = {
  generic_decline: "the card was declined",
  insufficient_funds: "there was too little money in the account",
  expired_card: "the card has expired",
  lost_card: "the card was reported lost",
  stolen_card: "the card was reported stolen",
};

/** Why an order was canceled, as a sentence; null where it was not. */
export function canceledBecause({ status, reason }) {
  if (status !== "canceled") return null;
  return REASONS[reason] ?? `The shop says: ${plain(reason ?? "no reason")}.`;
}

/** The steps of an order: `{name, at, state, text}`, where the state is done, now, ended or ahead. */
export function steps(order) {
  const done = order.story.map(({ status, at }, index) => ({
    name: HAPPENED[status] ?? plain(status),
    at,
    state: index < order.story.length - 1 ? "done" : order.status === "canceled" ? "ended" : "now",
    text: canceledBecause({ status, reason: order.reason }) ?? "",
  }));
  const last = done.at(-1);
  if (last && order.status === "awaiting_payment") {
    last.text = `It waits for your payment until ${hour(order.expires_at)}.`;
  }
  const ahead = (TO_COME[order.status] ?? []).map((name) => ({ name, at: null, state: "ahead", text: "" }));
  return [...done, ...ahead];
}

/** What became of a payment, as a sentence. */
export function paymentSentence({ status, amount, reason }) {
  const sum = money(amount);
  switch (status) {
    case "succeeded":
      return `${sum} paid.`;
    case "failed":
      return `${sum} not paid: ${DECLINES[reason] ?? (plain(reason) || "the payment failed")}.`;
    case "expired":
      return "The payment page was closed unpaid.";
    case "refund_due":
      return `${sum} is being given back.`;
    case "refunded":
      return `${sum} was given back.`;
    default:
      return `${sum}: ${plain(status)}.`;
  }
}

function plain(code) {
  return code.replaceAll("_", " ");
}
