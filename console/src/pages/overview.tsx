/** The overview: what was spent and is left, how calls go, who is well, and what needs a person now. */

import type { ComponentChildren } from "preact";
import { href, useTenant } from "../address";
import { addressOf, call, type Data, type ItemOf } from "../api/client";
import { type Asking, useAnswer } from "../api/use-answer";
import { decimal, percent, plain, plus, sum } from "../exact/decimal";
import type { PageProps } from "../pages";
import { CopyAsCurl, DownloadCsv } from "../parts/actions";
import { Count, Instant, InUnit, Milliseconds, spanText, Usd } from "../parts/amount";
import { Toolbar } from "../parts/controls";
import { StackedBars } from "../parts/plot";
import { Empty, Loaded } from "../parts/states";
import { may } from "../session";

const USAGE = "/api/byok/usage";
type Usage = Data<typeof USAGE>;
type Budget = ItemOf<"/api/byok/budgets">;
type Health = ItemOf<"/api/llm-registry/provider-health">;
type Prices = Data<"/api/ai/pricing">;

const DAY_MS = 86_400_000;

function dayText(at: Date): string {
  return at.toISOString().slice(0, 10);
}

export default function Overview({ caller }: PageProps) {
  const sees_usage = may(caller, "usage:read");
  const prices = useAnswer("prices", (signal) => call("get", "/api/ai/pricing", {}, signal));
  const health = useAnswer("health", (signal) => call("get", "/api/llm-registry/provider-health", {}, signal));
  return (
    <>
      {sees_usage && <Spending prices={prices} health={health} />}
      <div class="cards">
        <Card title="Prices" asking={prices} what="the state of prices">
          {(data) => <PricesNow data={data} />}
        </Card>
        <Card title="Providers" asking={health} what="the providers' health">
          {(data) => <Providers items={data.items} />}
        </Card>
      </div>
    </>
  );
}

function Card<D>(props: { title: string; asking: Asking<D>; what: string; children: (data: D) => ComponentChildren }) {
  return (
    <section class="card">
      <h2>{props.title}</h2>
      <Loaded asking={props.asking} what={props.what}>
        {props.children}
      </Loaded>
    </section>
  );
}

function Spending({ prices, health }: { prices: Asking<Prices>; health: Asking<{ items: Health[] }> }) {
  const today = new Date();
  const monthBegins = `${dayText(today).slice(0, 8)}01`;
  const tenant = useTenant();
  const of = tenant.tenant ?? "";
  const query = {
    ...tenant,
    from: dayText(new Date(today.getTime() - 29 * DAY_MS)),
    to: dayText(today),
    group_by: ["day", "provider"] as ("day" | "provider")[],
  };
  const usage = useAnswer(`usage ${of}`, (signal) => call("get", USAGE, { query }, signal));
  const month = useAnswer(`month ${of}`, (signal) =>
    call("get", USAGE, { query: { ...tenant, from: monthBegins, to: dayText(today) } }, signal),
  );
  const budgets = useAnswer(`budgets ${of}`, (signal) => call("get", "/api/byok/budgets", { query: tenant }, signal));
  return (
    <>
      <Toolbar>
        <CopyAsCurl request={{ verb: "get", address: addressOf(USAGE, {}, query) }} />
      </Toolbar>
      <Loaded asking={usage} what="what was spent">
        {(data) => (
          <>
            <Tiles usage={data} month={month} today={today} />
            <SpentByDay usage={data} />
          </>
        )}
      </Loaded>
      <div class="cards">
        <Card title="Needs a person now" asking={budgets} what="what needs a person">
          {(data) => <Needs budgets={data.items} prices={prices} health={health} />}
        </Card>
        <Card title="Budgets" asking={budgets} what="the budgets">
          {(data) => <Budgets items={data.items} />}
        </Card>
      </div>
    </>
  );
}

/** What the month comes to at its pace so far, to the cent; exact integers, rounded down. */
export function forecast(spent: string, now: Date): string {
  const begins = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
  const ends = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
  const passed = BigInt(Math.max(1, now.getTime() - begins));
  const value = decimal(spent);
  const places = Math.max(0, 6 - value.scale);
  const digits = (value.digits * 10n ** BigInt(places) * BigInt(ends - begins)) / passed;
  return plain({ digits, scale: value.scale + places });
}

function Tiles({ usage, month, today }: { usage: Usage; month: Asking<Usage>; today: Date }) {
  const ofToday = usage.series.filter((each) => each.group.day === dayText(today));
  const { total } = usage;
  const tried = total.calls + total.failed_attempts;
  const failing = percent(decimal(total.failed_attempts), decimal(tried));
  return (
    <dl class="tiles">
      <Tile title="Today (UTC)">
        <Usd value={plain(sum(ofToday.map((each) => decimal(each.cost_usd))))} />
      </Tile>
      <Tile title="This month">
        {month.answer.state === "there" ? <Usd value={month.answer.data.total.cost_usd} /> : "…"}
        {month.answer.state === "there" && (
          <small class="quiet">
            at this pace <Usd value={forecast(month.answer.data.total.cost_usd, today)} />
          </small>
        )}
      </Tile>
      <Tile title="Calls, 30 days">
        <Count value={total.calls} />
        <small class="quiet">{total.refused} refused by budgets</small>
      </Tile>
      <Tile title="Failed attempts">
        {failing === null ? <span class="none">–</span> : <span class="number">{failing} %</span>}
        <small class="quiet">
          {total.failed_attempts} of {tried}
        </small>
      </Tile>
      <Tile title="First token, p50">
        <Milliseconds value={total.first_token_ms.p50} />
        <small class="quiet">
          p95 <Milliseconds value={total.first_token_ms.p95} />
        </small>
      </Tile>
    </dl>
  );
}

function Tile({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="tile">
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function SpentByDay({ usage }: { usage: Usage }) {
  const first = new Date(`${usage.from_day}T00:00:00Z`).getTime();
  const last = new Date(`${usage.to_day}T00:00:00Z`).getTime();
  const days = Array.from({ length: (last - first) / DAY_MS + 1 }, (_, place) =>
    dayText(new Date(first + place * DAY_MS)),
  );
  const providers = [...new Set(usage.series.map((each) => each.group.provider ?? ""))].sort();
  if (providers.length === 0) return <Empty>No call was made in these 30 days.</Empty>;
  const costs = new Map(usage.series.map((each) => [`${each.group.day} ${each.group.provider}`, each.cost_usd]));
  return (
    <>
      <StackedBars
        title="Spent by day and provider"
        unit="USD"
        categories={days}
        series={providers.map((name) => ({ name, values: days.map((day) => costs.get(`${day} ${name}`) ?? null) }))}
      />
      <p class="below">
        <a href={href("spend")}>By other dimensions</a>
        <DownloadCsv
          name={`spent-${usage.from_day}-${usage.to_day}`}
          headings={["day", "provider", "calls", "cost_usd"]}
          rows={() =>
            usage.series.map(({ group, calls, cost_usd }) => [
              group.day ?? "",
              group.provider ?? "",
              String(calls),
              cost_usd,
            ])
          }
        />
      </p>
    </>
  );
}

function Needs(props: { budgets: readonly Budget[]; prices: Asking<Prices>; health: Asking<{ items: Health[] }> }) {
  const needs: ComponentChildren[] = [];
  for (const each of props.budgets) {
    if (each.refused_since) {
      needs.push(
        <li key={`budget ${each.scope} ${each.window} ${each.unit}`}>
          The budget of {each.scope} a {each.window} ({each.unit}) refuses calls since{" "}
          <Instant value={each.refused_since} />.
        </li>,
      );
    }
  }
  const { answer } = props.prices;
  if (answer.state === "there" && answer.data.quarantined > 0) {
    needs.push(
      <li key="quarantine">
        <a href={href("prices", { tab: "quarantine" })}>{answer.data.quarantined} proposals of price sources</a> wait
        for confirmation.
      </li>,
    );
  }
  if (answer.state === "there" && !answer.data.cache_valid) {
    needs.push(
      <li key="age">
        <a href={href("prices", { tab: "sources" })}>Prices</a> were last confirmed {spanText(answer.data.age_seconds)}{" "}
        ago.
      </li>,
    );
  }
  const found = props.health.answer;
  for (const each of found.state === "there" ? found.data.items : []) {
    if (each.breaker === "open" || each.state === "unhealthy") {
      needs.push(
        <li key={each.provider}>
          {each.provider} is {each.state}, its circuit {each.breaker}.
        </li>,
      );
    }
  }
  return needs.length === 0 ? <p class="good">Nothing.</p> : <ul>{needs}</ul>;
}

function Budgets({ items }: { items: readonly Budget[] }) {
  if (items.length === 0) {
    return (
      <p class="quiet">
        <a href={href("budgets")}>None is set</a>: nothing bounds what may be spent.
      </p>
    );
  }
  return (
    <>
      {items.map((each) => {
        const used = percent(plus(decimal(each.spent_usd), decimal(each.held_usd)), decimal(each.limit_usd));
        const name = `${each.scope}, ${each.window}${each.unit === "usd" ? "" : `, ${each.unit}`}`;
        return (
          <div key={name}>
            <p>
              {name} ({each.mode}): <InUnit unit={each.unit} value={each.spent_usd} /> spent,{" "}
              <InUnit unit={each.unit} value={each.held_usd} /> held, of{" "}
              <InUnit unit={each.unit} value={each.limit_usd} />
            </p>
            <meter min={0} max={100} value={Number(used ?? 100)} aria-label={`${name}: ${used ?? 100} per cent used`} />
            <p class="quiet">
              {each.runs_out_at ? (
                <>
                  at this pace it runs out <Instant value={each.runs_out_at} />
                </>
              ) : (
                "at this pace it does not run out"
              )}
              {each.resets_at && (
                <>
                  ; it resets <Instant value={each.resets_at} />
                </>
              )}
            </p>
          </div>
        );
      })}
      <a href={href("budgets")}>All of them, and setting them</a>
    </>
  );
}

function Providers({ items }: { items: readonly Health[] }) {
  const heard = items.filter((each) => each.calls > 0 || each.breaker === "open");
  if (heard.length === 0) return <p class="quiet">No provider was called in the last minutes.</p>;
  return (
    <ul>
      {heard.map((each) => (
        <li key={each.provider}>
          <span class={each.state === "healthy" ? "good" : each.state === "unknown" ? "quiet" : "warn"}>
            {each.state}
          </span>{" "}
          {each.provider}: {each.calls} calls, circuit {each.breaker}, p95 <Milliseconds value={each.latency_ms.p95} />
        </li>
      ))}
    </ul>
  );
}

function PricesNow({ data }: { data: Prices }) {
  return (
    <dl>
      <dt>Models</dt>
      <dd>
        <a href={href("prices")}>
          <Count value={data.model_count} />
        </a>
      </dd>
      <dt>Confirmed</dt>
      <dd class={data.cache_valid ? "good" : "warn"}>{spanText(data.age_seconds)} ago</dd>
      <dt>In quarantine</dt>
      <dd>
        <a href={href("prices", { tab: "quarantine" })}>
          <Count value={data.quarantined} />
        </a>
      </dd>
      {data.sources.map((each) => (
        <>
          <dt>{each.name}</dt>
          <dd>{each.state}</dd>
        </>
      ))}
    </dl>
  );
}
