import { Badge, Button, Group, Paper, SimpleGrid, Text, Title } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Level } from '../../../../../contracts/api/tenant/levels.ts';
import { features, textsOfFeature } from '../../../../../contracts/tenants/level-features.ts';
import { useCurrency } from '../../../lib/currency.ts';
import { formatTimeShort, formatTokens, sentenceList } from '../../../lib/format.ts';
import tones from '../../../ui/tones.module.css';
import { fieldLabels, policyFields, wordsOf } from '../../policy/policy-words.ts';
import classes from './level-card.module.css';

type PartProps = { title: string; action: string; label: string; onAct: () => void; children: ReactNode };

/** A part of a level, with the button that changes it. */
function Part({ title, action, label, onAct, children }: PartProps) {
  return (
    <Group justify="space-between" align="end" wrap="nowrap" mt="md" pt="md" className={classes.part}>
      <div>
        <Text size="xs" c="dimmed" fw={550}>
          {title}
        </Text>
        {children}
      </div>
      <Button variant="default" size="xs" flex="none" onClick={onAct} aria-label={label}>
        {action}
      </Button>
    </Group>
  );
}

const modelsOf = ({ allowed_models }: Level) =>
  allowed_models === null ? 'All models' : sentenceList(allowed_models) || 'None';

/** The features of a level, named; those it lacks are listed after them. */
function Features({ level }: { level: Level }) {
  const [has, lacks] = [true, false].map((isOn) =>
    features.filter((name) => level.features[name] === isOn).map((name) => textsOfFeature(name).label),
  ) as [string[], string[]];
  return (
    <>
      <Text size="sm" fw={600}>
        {lacks.length === 0 ? 'All features' : sentenceList(has) || 'None'}
      </Text>
      {lacks.length > 0 && has.length > 0 && (
        <Text size="xs" c="dimmed">
          without {sentenceList(lacks)}
        </Text>
      )}
    </>
  );
}

type LevelCardProps = {
  level: Level;
  /** Buttons at the top. */
  actions: ReactNode;
  onEdit: (part: 'policy' | 'models' | 'features') => void;
};

/** A level: its users, policy, models and features. */
export function LevelCard({ level, actions, onEdit }: LevelCardProps) {
  const currency = useCurrency();
  const { name, user_count, default_output_limit, archived_at } = level;
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="article" aria-label={name}>
      <Group justify="space-between" align="start" wrap="nowrap" mb="md">
        <div>
          <Group gap="xs">
            <Title order={2} style={{ overflowWrap: 'anywhere' }}>
              {name}
            </Title>
            {level.is_default && <Badge className={tones.info}>For new users</Badge>}
            {archived_at !== null && <Badge className={tones.plain}>Archived</Badge>}
          </Group>
          <Text size="sm" c="dimmed">
            {formatTokens(user_count)} {user_count === 1 ? 'user' : 'users'} · policy changed{' '}
            {formatTimeShort(level.policy_changed_at)}
            {default_output_limit !== null && ` · outputs up to ${formatTokens(default_output_limit)} tokens`}
          </Text>
        </div>
        {actions}
      </Group>
      <Group justify="space-between" wrap="nowrap" mb="xs">
        <Text size="xs" c="dimmed" fw={550}>
          Policy
        </Text>
        <Button
          variant="default"
          size="xs"
          flex="none"
          leftSection={<IconPencil size={15} aria-hidden />}
          onClick={() => onEdit('policy')}
          aria-label={`Edit the policy of ${name}`}
        >
          Edit
        </Button>
      </Group>
      <SimpleGrid component="dl" cols={{ base: 2, sm: 4 }} spacing="md" m={0}>
        {policyFields.map((field) => (
          <div key={field}>
            <Text component="dt" size="xs" c="dimmed" fw={550}>
              {fieldLabels[field]}
            </Text>
            <Text component="dd" size="sm" fw={600} m={0} className="figure">
              {wordsOf(field, level.policy, currency)}
            </Text>
          </div>
        ))}
      </SimpleGrid>
      <Part
        title="Models"
        action="Choose"
        label={`Choose the models of ${name}`}
        onAct={() => onEdit('models')}
      >
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {modelsOf(level)}
        </Text>
      </Part>
      <Part
        title="Features"
        action="Choose"
        label={`Choose the features of ${name}`}
        onAct={() => onEdit('features')}
      >
        <Features level={level} />
      </Part>
    </Paper>
  );
}
