import { Badge, Button, Group, Paper, SimpleGrid, Text, Title } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import type { Level } from '../../../../../contracts/api/policies.ts';
import { formatTimeShort, formatTokens, sentenceList } from '../../../lib/format.ts';
import tones from '../../../ui/tones.module.css';
import { fieldLabels, policyFields, wordsOf } from '../../policy/policy-words.ts';
import classes from './level-card.module.css';

type LevelCardProps = { level: Level; onEdit: () => void; onEditModels: () => void };

/** Models that users on the level can use. */
function Models({ level, onEdit }: { level: Level; onEdit: () => void }) {
  const { name, allowed_models } = level;
  return (
    <Group justify="space-between" align="end" wrap="nowrap" mt="md" pt="md" className={classes.models}>
      <div>
        <Text size="xs" c="dimmed" fw={550}>
          Models
        </Text>
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {allowed_models === null ? 'All models' : sentenceList(allowed_models) || 'None'}
        </Text>
      </div>
      <Button
        variant="default"
        size="xs"
        flex="none"
        onClick={onEdit}
        aria-label={`Choose the models of ${name}`}
      >
        Choose
      </Button>
    </Group>
  );
}

/** A level: its users, policy and models. */
export function LevelCard({ level, onEdit, onEditModels }: LevelCardProps) {
  const { user_count } = level;
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="article" aria-label={level.name}>
      <Group justify="space-between" align="start" wrap="nowrap" mb="md">
        <div>
          <Group gap="xs">
            <Title order={2}>{level.name}</Title>
            {level.is_default && <Badge className={tones.info}>For new users</Badge>}
          </Group>
          <Text size="sm" c="dimmed">
            {formatTokens(user_count)} {user_count === 1 ? 'user' : 'users'} · policy changed{' '}
            {formatTimeShort(level.policy_changed_at)}
          </Text>
        </div>
        <Button
          variant="default"
          size="xs"
          flex="none"
          leftSection={<IconPencil size={15} aria-hidden />}
          onClick={onEdit}
          aria-label={`Edit the policy of ${level.name}`}
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
              {wordsOf(field, level.policy)}
            </Text>
          </div>
        ))}
      </SimpleGrid>
      <Models level={level} onEdit={onEditModels} />
    </Paper>
  );
}
