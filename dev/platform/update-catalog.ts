import { applyPlan, asOperator, readCatalog, readNow } from './catalog-database.ts';
import { CATALOG_FILE, readCatalogFile } from './catalog-file.ts';
import { isEmptyPlan, planCatalog } from './catalog-plan.ts';
import { describePlan } from './describe-plan.ts';
import { runOwnerCommand } from './owner-command.ts';

const HELP = `Brings the platform's models and list prices to those of the catalog file. Shows the difference, and writes it with --apply.

  DATABASE_OWNER_URL=postgresql://owner:...@host/db npm run catalog:update -- [options]

  --apply             write the difference: new models, limits, and new versions of prices
  --except MODEL      leave this model of a provider as it is; may be repeated
  --file PATH         another catalog file than catalog/models.json
  --gateway HOST:PORT connect to the local stack's gateway instead of Neon
  --help              show this

Prices are in US dollars per million tokens. A price in wallet tokens follows the list price, unless it was set by hand. Models
that the file does not name stay as they are.`;

process.exitCode = await runOwnerCommand(
  HELP,
  {
    apply: { type: 'boolean', default: false },
    except: { type: 'string', multiple: true, default: [] as string[] },
    file: { type: 'string', default: CATALOG_FILE },
  },
  async (database, { apply, except, file }) => {
    const catalog = await readCatalogFile(file);
    const [plan, now] = await asOperator(database, async (tx) => {
      const at = await readNow(tx);
      const wanted = planCatalog(catalog, await readCatalog(tx), at, except);
      if (apply) await applyPlan(tx, wanted);
      return [wanted, at] as const;
    });
    console.log(describePlan(plan, now).join('\n'));
    if (!isEmptyPlan(plan))
      console.log(
        apply
          ? '\nWritten. Executions use it within a minute.'
          : '\nNothing was written. Run it again with --apply.',
      );
    return 0;
  },
);
