import { msg } from "@lingui/core/macro";
import type { Words } from "~/app/words";

/** What a DNS record is for. */
export const recordPurposes: Words = {
  mx: msg`Mail for the domain comes to this server.`,
  a: msg`The address of this server.`,
  ptr: msg`The name that your provider gives the address; the provider of the server sets it, not that of the domain.`,
  spf: msg`Which servers send mail of the domain (SPF). Add those of your web site, scanner or newsletter.`,
  dkim: msg`Receivers check our signature with this key (DKIM, RFC 6376).`,
  dmarc: msg`What receivers do with forged mail (DMARC, RFC 7489).`,
  mta_sts: msg`Tells others that there is a policy on encrypted mail; its id changes with the policy.`,
  mta_sts_host: msg`Where others read that policy, by https.`,
  tls_report: msg`Where others report that encryption with us failed (TLSRPT, RFC 8460).`,
  setup: msg`Mail programs find their settings here by themselves.`,
  service: msg`Phones and mail programs find our ports (RFC 6186).`,
};

/** How a record is. */
export const dnsStates: Words = {
  ok: msg`As it should be`,
  missing: msg`Not published`,
  wrong: msg`Wrong`,
  weak: msg`Not enough`,
  unknown: msg`No answer`,
};

/** What is wrong with a record, or with the way to us, and what to do. */
export const dnsProblems: Words = {
  no_answer: msg`DNS gave no answer just now. Check again in a minute.`,
  mx_other: msg`Mail goes to another server. Replace its MX record by ours once you want mail to come here.`,
  mx_second: msg`Another server comes first: mail comes here only while that one is down.`,
  address_private: msg`This address is of a private network: the world can't reach it. Publish your public one.`,
  ptr_other: msg`The address has another name, which many servers take for a sign of junk. Ask the provider of the server to change it.`,
  leads_elsewhere: msg`This name leads to another server.`,
  policy_unread: msg`The policy can't be read by https there: the name has to lead here, and the certificate has to be valid for it.`,
  policy_other: msg`Another policy is served there than the one chosen below.`,
  service_other: msg`It leads to another server or port.`,
  several: msg`There are several; others then take none of them. Leave one.`,
  broken: msg`Others can't read it: it is not written as it has to be.`,
  dkim_other: msg`Another key is published there: what we sign does not hold.`,
  sts_other: msg`It is of an older policy: others go on with that one.`,
  spf_not_us: msg`It does not name this server: others take your mail for forged. Add mx to it.`,
  spf_anybody: msg`It allows anybody to send in your name. End it with -all.`,
  dmarc_none: msg`Forged mail is delivered all the same (p=none). Make it p=quarantine once your own mail passes.`,
  dmarc_silent: msg`Nobody reports to you who sends in your name. Add rua=mailto: and an address.`,
  port_own: msg`From here our own door answers at port 25. That the world reaches it shows once mail has come from outside.`,
  port_other: msg`Another program answers at our address, port 25: the router or firewall leads somewhere else.`,
  port_unproven: msg`No mail has come from outside yet, and from here our public address can't be tried. Send a mail from elsewhere to see.`,
};

/** What a DKIM key does. */
export const keyStates: Words = {
  next: msg`signs once it is published`,
  signs: msg`signs`,
  old: msg`signs no more; leave its record for a week`,
};

/** How strictly mail has to come encrypted. */
export const stsModes: Words = {
  none: msg`No policy`,
  testing: msg`Testing: failures are reported, mail comes all the same`,
  enforce: msg`Enforced: mail comes encrypted or not at all`,
};

/** Why a mail waits to be sent. */
export const queueReasons: Words = {
  held: msg`Somebody has put it on hold. Send it now, or delete it.`,
  sending: msg`It is being sent now.`,
  new: msg`It is about to be sent.`,
  unreachable: msg`The other server does not answer. It is tried again by itself.`,
  dns: msg`The domain could not be looked up just now. Check the address if it stays so.`,
  tls: msg`The other side asks for encryption, and it did not come about: its certificate or settings are wrong.`,
  host: msg`The server that sends our mail on can't be reached. Test it below.`,
  full: msg`The recipient's mailbox is full.`,
  greylisted: msg`The other side lets new senders wait for some minutes, as a test. It takes it next time.`,
  slow: msg`The other server takes no more from us for now.`,
  refused: msg`The other side put it off; what it said stands below.`,
};

/** Why others could not reach us by TLS (RFC 8460 section 4.3). */
export const tlsFailures: Words = {
  "starttls-not-supported": msg`no STARTTLS was offered`,
  "certificate-host-mismatch": msg`the certificate is for another name`,
  "certificate-expired": msg`the certificate is over`,
  "certificate-not-trusted": msg`nobody they trust has signed the certificate`,
  "validation-failure": msg`the certificate could not be checked`,
  "sts-policy-fetch-error": msg`the MTA-STS policy could not be fetched`,
  "sts-policy-invalid": msg`the MTA-STS policy can't be read`,
  "sts-webpki-invalid": msg`the MTA-STS policy's server has a wrong certificate`,
};

/** How a certificate is. */
export const certificateStates: Words = {
  valid: msg`Valid`,
  waiting: msg`Not there yet`,
  failing: msg`Valid, not renewed so far`,
  ended: msg`Over`,
};

/** What keeps a certificate from coming, and what to do; by ACME's error types (RFC 8555 section 6.7). */
export const certificateTroubles: Words = {
  no_address: msg`DNS has no address for this name. Publish a record that leads here.`,
  elsewhere: msg`DNS leads this name to another server.`,
  dns: msg`The authority finds no address of this name in DNS. Publish a record that leads here.`,
  connection: msg`The authority could not reach this server. Open port 80 (http.plain) or 443 for the whole world.`,
  tls: msg`The authority could not reach this server by TLS. Open port 80 (http.plain) or 443 for the whole world.`,
  unauthorized: msg`Another server answers at this name, or a proxy does not pass /.well-known/acme-challenge/ on.`,
  incorrectResponse: msg`Another server answers at this name, or a proxy does not pass /.well-known/acme-challenge/ on.`,
  caa: msg`A CAA record of the domain keeps this authority from making certificates. Add the authority there.`,
  rateLimited: msg`The authority takes no more orders for now.`,
  rejectedIdentifier: msg`The authority makes no certificates for this name.`,
  externalAccountRequired: msg`The authority wants an account made before: set tls.acme.key_id and key_secret.`,
  other: msg`It did not come.`,
};
