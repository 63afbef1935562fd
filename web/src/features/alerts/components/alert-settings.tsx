import { Button, Checkbox, Group, NumberInput, Paper, Stack, Switch, Text, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AlertRules } from '../../../../../contracts/api/tenant/alerts.ts';
import { type AlertKind, alertKinds } from '../../../../../contracts/webhooks/event.ts';
import { notify } from '../../../lib/notify.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { alertExplanations, alertNames, kindsOf } from '../alert-words.ts';
import { alertRulesQuery, alertSettingsQuery, changeAlertRules, saveAlertSettings } from '../api/alerts.ts';

const MICRO_USD = 1_000_000;

/** Chooses what is mailed to the caller. Saved with each choice. */
export function MailSettings({ isAdmin }: { isAdmin: boolean }) {
  const { data, error, refetch } = useQuery(alertSettingsQuery);
  const { mutate, isPending, error: refused } = useMutation(saveAlertSettings);
  const kinds = kindsOf(isAdmin);
  const choose = (chosen: string[]) =>
    mutate(
      alertKinds.filter((kind) => (kinds.includes(kind) ? chosen.includes(kind) : data?.mail.includes(kind))),
    );
  return (
    <Paper withBorder p="lg">
      <Stack>
        <Title order={2} size="h3">
          By mail
        </Title>
        {error !== null && <ErrorAlert error={error} onRetry={refetch} />}
        {refused !== null && <ErrorAlert error={refused} />}
        {data !== undefined && (
          <Checkbox.Group label="Mailed to you" value={data.mail} onChange={choose}>
            <Stack gap={8} mt={8}>
              {kinds.map((kind) => (
                <Checkbox key={kind} value={kind} label={alertNames[kind]} disabled={isPending} />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
      </Stack>
    </Paper>
  );
}

function RulesForm({ rules }: { rules: AlertRules }) {
  const [draft, setDraft] = useState(rules);
  const { mutate, isPending, error } = useMutation(changeAlertRules);
  const set = (change: Partial<AlertRules>) => setDraft((before) => ({ ...before, ...change }));
  const numberOf = (value: number | string, otherwise: number) =>
    typeof value === 'number' ? value : otherwise;
  const save = () =>
    mutate(draft, {
      onSuccess: () => notify({ color: 'brand', title: 'Saved', message: 'The rules apply from now on.' }),
    });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Stack>
        {alertKinds.map((kind: AlertKind) => (
          <Switch
            key={kind}
            label={alertNames[kind]}
            description={alertExplanations[kind]}
            checked={draft[kind]}
            onChange={({ currentTarget }) =>
              set({ [kind]: currentTarget.checked } as Pick<AlertRules, AlertKind>)
            }
          />
        ))}
        <Group grow align="end" preventGrowOverflow={false}>
          <NumberInput
            label="Failing from this share of calls"
            suffix=" %"
            min={1}
            max={100}
            allowDecimal={false}
            clampBehavior="strict"
            value={draft.provider_failing_percent}
            onChange={(value) =>
              set({ provider_failing_percent: numberOf(value, rules.provider_failing_percent) })
            }
          />
          <NumberInput
            label="And at least this many calls"
            min={1}
            max={1_000_000}
            allowDecimal={false}
            clampBehavior="strict"
            value={draft.provider_failing_min_calls}
            onChange={(value) =>
              set({ provider_failing_min_calls: numberOf(value, rules.provider_failing_min_calls) })
            }
          />
          <NumberInput
            label="Unusual from this cost of a day"
            prefix="$"
            min={0}
            max={1_000_000_000}
            decimalScale={2}
            clampBehavior="strict"
            value={draft.unusual_spend_floor_micro_usd / MICRO_USD}
            onChange={(value) =>
              set({
                unusual_spend_floor_micro_usd: Math.round(
                  numberOf(value, rules.unusual_spend_floor_micro_usd / MICRO_USD) * MICRO_USD,
                ),
              })
            }
          />
        </Group>
        {error !== null && <ErrorAlert error={error} />}
        <Group justify="end">
          <Button type="submit" loading={isPending}>
            Save the rules
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The rules of the tenant's alerts. For admins. */
export function RuleSettings() {
  const { data, error, refetch } = useQuery(alertRulesQuery);
  return (
    <Paper withBorder p="lg">
      <Stack>
        <Title order={2} size="h3">
          Rules
        </Title>
        <Text size="sm" c="dimmed">
          Alerts of this tenant. One that is off is neither shown nor mailed, and its webhook event is not
          sent.
        </Text>
        {error !== null && <ErrorAlert error={error} onRetry={refetch} />}
        {data !== undefined && <RulesForm rules={data} />}
      </Stack>
    </Paper>
  );
}
